/* Random numbers that are the same in every run (Marsaglia, Xorshift RNGs). */
#ifndef TESTS_XORSHIFT_H
#define TESTS_XORSHIFT_H

#include <stdint.h>

#define XORSHIFT_SEED UINT64_C(88172645463325252)

static inline uint64_t xorshift(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif
