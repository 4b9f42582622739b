/* Factorises a matrix of readings, and prints how well W H explains it. */
#include <stdio.h>

#include <tinynmf.h>

#define ROWS 24
#define COLUMNS 16
#define RANK 3

static uint8_t readings[ROWS * COLUMNS];
static TINYNMF_MEMORY(memory, TINYNMF_SIZE(ROWS, COLUMNS, RANK));
static tinynmf_rule rule;

int main(void)
{
	const tinynmf_matrix v = {readings, &TINYNMF_U8, ROWS, COLUMNS, 1.0f / 16.0f};
	const uint8_t *policy;
	tinynmf_error error;
	tinynmf *nmf;
	float loss = 0.0f;
	size_t bytes;

	for (unsigned int k = 0; k < ROWS * COLUMNS; ++k) {
		const unsigned int i = k / COLUMNS, j = k % COLUMNS;

		readings[k] = (uint8_t)((i % 3) * (j % 4) + (i % 5) * (j % 2) + (i + j) % 2);
	}
	policy = tinynmf_shipped_policy(&bytes);
	error = tinynmf_rule_learned(&rule, policy, bytes);
	if (error == TINYNMF_ERROR_NONE) {
		error = tinynmf_init(&nmf, memory, sizeof(memory), &v, RANK, NULL);
	}
	for (int epoch = 0; error == TINYNMF_ERROR_NONE && epoch < 100; ++epoch) {
		error = tinynmf_epoch(nmf, &rule, NULL);
	}
	if (error == TINYNMF_ERROR_NONE) {
		error = tinynmf_loss(nmf, &loss);
	}
	if (error != TINYNMF_ERROR_NONE) {
		printf("tinynmf: %s\n", tinynmf_error_string(error));
		return 1;
	}
	/* In thousandths: Zephyr's printf leaves floats out unless it is told otherwise. */
	printf("loss %d/1000 after 100 epochs\n", (int)(1000.0f * loss));
	return 0;
}
