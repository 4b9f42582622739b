/* A QEMU plugin that counts the guest's instructions between two calls.
 *
 * The image calls `tinynmf_count_start` before and `tinynmf_count_stop` after what is to be counted, two functions
 * that do nothing. Every pair adds a line to QEMU's plugin log: the instructions executed in between, calls included.
 *
 *     cc -shared -fPIC -O2 -DPLUGIN_API=1 -o counter.so counter.c
 *     qemu-system-arm ... -plugin ./counter.so -d plugin -D counts.log
 *
 * QEMU's header is seldom packaged, so the few functions used are declared here. They are the same in every version of
 * the plugin interface; QEMU 9 and later ask for -DPLUGIN_API=2. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_info;
struct qemu_plugin_tb;   /* a block of instructions that runs from its first to its last */
struct qemu_plugin_insn;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned, void *),
                                          enum qemu_plugin_cb_flags, void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
const char *qemu_plugin_insn_symbol(const struct qemu_plugin_insn *);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
void qemu_plugin_outs(const char *);

EXPORT int qemu_plugin_version = PLUGIN_API;

static uint64_t executed, at_start;

static void on_block(unsigned cpu, void *instructions) {
    (void)cpu;
    executed += (uintptr_t)instructions;
}

static void on_start(unsigned cpu, void *instructions) {
    on_block(cpu, instructions);
    at_start = executed;
}

static void on_stop(unsigned cpu, void *instructions) {
    char line[32];
    snprintf(line, sizeof line, "%" PRIu64 "\n", executed - at_start);
    qemu_plugin_outs(line);
    on_block(cpu, instructions);
}

/* Whether a block begins a mark: a function that is called begins a block, but one that lies across the end of a page
 * has two. The first that is translated is the one that is called. */
static int begins(const struct qemu_plugin_insn *first, const char *mark, uint64_t *address) {
    const char *symbol = qemu_plugin_insn_symbol(first);
    if (!symbol || strcmp(symbol, mark))
        return 0;
    if (*address == 0)
        *address = qemu_plugin_insn_vaddr(first);
    return *address == qemu_plugin_insn_vaddr(first);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    static uint64_t start, stop;
    const struct qemu_plugin_insn *first = qemu_plugin_tb_get_insn(block, 0);
    void (*callback)(unsigned, void *) = on_block;
    if (begins(first, "tinynmf_count_start", &start))
        callback = on_start;
    if (begins(first, "tinynmf_count_stop", &stop))
        callback = on_stop;
    qemu_plugin_register_vcpu_tb_exec_cb(block, callback, QEMU_PLUGIN_CB_NO_REGS,
                                         (void *)(uintptr_t)qemu_plugin_tb_n_insns(block));
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv) {
    (void)info, (void)argc, (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    return 0;
}
