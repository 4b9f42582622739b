# find_package(tinynmf) gives tinynmf::tinynmf, and tinynmf::small for little flash at up to half the speed.
get_filename_component(_tinynmf_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

foreach(_tinynmf_kind tinynmf small)
  if(_tinynmf_kind STREQUAL "tinynmf")
    set(_tinynmf_library "${_tinynmf_prefix}/lib/libtinynmf.a")
  else()
    set(_tinynmf_library "${_tinynmf_prefix}/lib/libtinynmf-small.a")
  endif()
  if(NOT EXISTS "${_tinynmf_library}")
    set(tinynmf_FOUND FALSE)
    set(tinynmf_NOT_FOUND_MESSAGE "${_tinynmf_library} does not exist: unpack the archive again")
    return()
  endif()
  if(NOT TARGET tinynmf::${_tinynmf_kind})
    add_library(tinynmf::${_tinynmf_kind} STATIC IMPORTED)
    set_target_properties(tinynmf::${_tinynmf_kind} PROPERTIES
      IMPORTED_LOCATION "${_tinynmf_library}"
      IMPORTED_LINK_INTERFACE_LANGUAGES C
      INTERFACE_INCLUDE_DIRECTORIES "${_tinynmf_prefix}/include")
  endif()
endforeach()
set(tinynmf_POLICIES "${_tinynmf_prefix}/policies")

unset(_tinynmf_kind)
unset(_tinynmf_library)
unset(_tinynmf_prefix)
