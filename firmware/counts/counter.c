/* A QEMU plugin that counts the guest's instructions, or estimates its cycles, between two calls.
 *
 * The image calls `tinynmf_count_start` before and `tinynmf_count_stop` after what is to be counted, two functions
 * that do nothing. Every pair adds a line to QEMU's plugin log: the instructions executed in between, calls included.
 *
 *     cc -shared -fPIC -O2 -DPLUGIN_API=1 -o counter.so counter.c
 *     qemu-system-arm ... -plugin ./counter.so -d plugin -D counts.log
 *
 * With `-plugin ./counter.so,cycles=on` it adds up cycles instead, as the tables of Arm's Cortex-M4 reference manual
 * have them: an upper estimate, since a branch that is taken refills the pipeline in the longest time, 3 cycles, and no
 * load overlaps with the next one. Flash that waits is not in it.
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
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *);
void qemu_plugin_outs(const char *);

EXPORT int qemu_plugin_version = PLUGIN_API;

static uint64_t executed, at_start;
static int in_cycles;

/* Words that a list of registers in braces moves. */
static unsigned words(const char *text) {
    const char *at = strchr(text, '{'), *end = strchr(text, '}');
    unsigned registers = 0, each = at && at[1] == 'd' ? 2 : 1;
    for (; at && end && at < end; at++)
        registers += *at == '{' || *at == ',';
    return each * registers;
}

/* Cycles by the beginning of a mnemonic, the first that fits; jumps take REFILL besides. */
static unsigned cycles(const char *text) {
    static const struct { const char *start; unsigned cycles, a_word; } TABLE[] = {
        {"vdiv", 14, 0}, {"vsqrt", 14, 0}, {"vmla", 3, 0}, {"vmls", 3, 0}, {"vnml", 3, 0}, {"vfma", 3, 0}, {"vfms", 3, 0},
        {"vfnm", 3, 0}, {"vldm", 1, 1}, {"vstm", 1, 1}, {"vpush", 1, 1}, {"vpop", 1, 1}, {"vldr", 2, 0}, {"vstr", 2, 0},
        {"push", 1, 1}, {"pop", 1, 1}, {"ldm", 1, 1}, {"stm", 1, 1}, {"ldrd", 3, 0}, {"strd", 3, 0}, {"ldr", 2, 0},
        {"str", 2, 0}, {"tb", 2, 0}, {"udiv", 12, 0}, {"sdiv", 12, 0}, {"mla", 2, 0}, {"mls", 2, 0}, {"vmov", 2, 0},
    };
    for (size_t k = 0; k < sizeof TABLE / sizeof *TABLE; k++)
        if (!strncmp(text, TABLE[k].start, strlen(TABLE[k].start)))
            return TABLE[k].cycles + TABLE[k].a_word * words(text);
    return 1;
}

/* What a jump adds where a block is not followed by the one behind it. */
enum { REFILL = 3 };

/* A block, what it adds to what is counted, and where the next one lies in memory. */
struct block {
    uint64_t weight, start, end;
};

static struct block *weighed(const struct qemu_plugin_tb *tb) {
    size_t instructions = qemu_plugin_tb_n_insns(tb);
    const struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, instructions - 1);
    struct block *block = malloc(sizeof *block);
    if (!block)
        abort();
    block->weight = instructions;
    block->start = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
    block->end = qemu_plugin_insn_vaddr(last) + qemu_plugin_insn_size(last);
    for (size_t k = 0; in_cycles && k < instructions; k++) {
        char *text = qemu_plugin_insn_disas(qemu_plugin_tb_get_insn(tb, k));
        block->weight += text ? cycles(text) - 1 : 0;
        free(text);
    }
    return block;
}

static void on_block(unsigned cpu, void *data) {
    static uint64_t follows;
    const struct block *block = data;
    (void)cpu;
    executed += block->weight + (in_cycles && block->start != follows ? REFILL : 0);
    follows = block->end;
}

static void on_start(unsigned cpu, void *data) {
    on_block(cpu, data);
    at_start = executed;
}

static void on_stop(unsigned cpu, void *data) {
    char line[32];
    snprintf(line, sizeof line, "%" PRIu64 "\n", executed - at_start);
    qemu_plugin_outs(line);
    on_block(cpu, data);
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

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
    (void)id;
    static uint64_t start, stop;
    const struct qemu_plugin_insn *first = qemu_plugin_tb_get_insn(tb, 0);
    void (*callback)(unsigned, void *) = on_block;
    if (begins(first, "tinynmf_count_start", &start))
        callback = on_start;
    if (begins(first, "tinynmf_count_stop", &stop))
        callback = on_stop;
    qemu_plugin_register_vcpu_tb_exec_cb(tb, callback, QEMU_PLUGIN_CB_NO_REGS, weighed(tb));
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv) {
    (void)info;
    in_cycles = argc > 0 && !strcmp(argv[0], "cycles=on");
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    return 0;
}
