/* The log: lines to a probe, or to QEMU. */
#ifndef LOG_H
#define LOG_H

/* Writes text. */
void log_text(const char *text);

/* The program is over: under QEMU, with an exit code. */
_Noreturn void finish(int code);

#endif
