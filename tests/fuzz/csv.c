/*
 * The fast reader of CSV against libcsv on whatever bytes come: the first eight choose the delimiter,
 * the limits, the lane, the columns and the portions, the rest is the file.
 */
#include "../twins_csv.h"

enum { HEAD = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char delimiter[] = ",;\t|";
	struct twin reference = {0}, fast = {0};
	struct twin_csv c = {.conf = {.max_field = 1 << 20, .max_record = 16 << 20, .max_columns = 4096, .line = 1}};

	if (size < HEAD)
		return 0;
	c.conf.delimiter = delimiter[data[0] % 4];
	c.conf.lane = data[1] % QUN_LANES;
	c.known = 1 + data[2] % TWIN_COLUMNS;
	for (size_t i = 0; i < TWIN_COLUMNS; i++)
		c.column[i] = data[3] >> i % 8 & 1 ? (int)i : -1;
	if (data[4]) {
		c.conf.max_field = data[4];
		c.conf.max_record = 2u * data[4];
		c.conf.max_columns = 1 + data[4] % 12;
	}
	c.portions = data[5];
	c.largest = 1 + data[6] * (size_t)(1 + data[7]);
	if (!twins_agree(c, (struct qun_span){(const char *)data + HEAD, size - HEAD}, &reference, &fast))
		__builtin_trap();
	return 0;
}
