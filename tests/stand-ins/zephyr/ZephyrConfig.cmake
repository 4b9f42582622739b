# As much of Zephyr as the module and its sample use, on this machine: what find_package(Zephyr) finds.
# -DEXTRA_ZEPHYR_MODULES=folder; Kconfig's part is done by prj.conf, and by -DCONFIG_TINYNMF_LIBRARY.
project(zephyr_stand_in C)

file(STRINGS "${CMAKE_CURRENT_SOURCE_DIR}/prj.conf" settings REGEX "^CONFIG_[A-Z_0-9]+=")
foreach(setting ${settings})
  string(REGEX MATCH "^([A-Z_0-9]+)=(.*)$" setting "${setting}")
  set(${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
endforeach()

add_executable(app)

function(zephyr_include_directories)
  target_include_directories(app PRIVATE ${ARGV})
endfunction()

function(zephyr_library_import name path)
  add_library(${name} STATIC IMPORTED GLOBAL)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${path}")
  target_link_libraries(app PRIVATE ${name})
endfunction()

foreach(module ${EXTRA_ZEPHYR_MODULES})
  file(STRINGS "${module}/zephyr/module.yml" folder REGEX "^ +cmake: ")
  string(REGEX REPLACE "^ +cmake: " "" folder "${folder}")
  add_subdirectory("${module}/${folder}" "${CMAKE_BINARY_DIR}/module")
endforeach()
