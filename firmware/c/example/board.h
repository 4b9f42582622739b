/* What the examples need of the machine that they run on. */
#ifndef BOARD_H
#define BOARD_H

/* Writes text to the terminal. */
void print(const char *text);

/* Ends the program with an exit code. */
_Noreturn void finish(int code);

#endif
