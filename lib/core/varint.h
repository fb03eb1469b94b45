/* Numbers of few bytes where they are small: seven bits a byte, the eighth set in all but the last. */
#ifndef CORE_VARINT_H
#define CORE_VARINT_H

#include <stdint.h>

enum { QUN_VARINT_MAX = 10 }; /* bytes of 64 bits */

/* Returns the end. */
static inline char *qun_varint_put(char *p, uint64_t v)
{
	for (; v > 0x7f; v >>= 7)
		*p++ = (char)(0x80 | (v & 0x7f));
	*p++ = (char)v;
	return p;
}

/* Moves *p behind it. */
static inline uint64_t qun_varint_take(const char **p)
{
	uint64_t v = 0, byte;
	int shift = 0;

	do {
		byte = (unsigned char)*(*p)++;
		v |= (byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return v;
}

/* Small numbers of either sign become small ones without. */
static inline uint64_t qun_zigzag(int64_t v)
{
	return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}

/* And back. */
static inline int64_t qun_unzigzag(uint64_t v)
{
	return (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
}

#endif
