/*
 * The fast reader of JSON against the machine and jansson on whatever bytes come: the first eight choose
 * what stands before the file, the limits, the lane and the portions. What stands before it settles
 * where its records are, for the fast reader waits for that.
 */
#include "../twins_json.h"

enum { HEAD = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const before[] = {"", "{\"a\":1}\n[]\n", "[{\"a\":1}]\n[", "{\"messages\":[{\"a\":1}]}{\"messages\":[\n ",
		"{\"chats\":{\"list\":[{\"messages\":[{\"a\":1}]},{\"messages\":[", "{\"a\":1}\n[]\n"};
	struct twin_json j = {.cells = true, .conf = {.max_record = 16 << 20, .max_depth = 128, .line = 1}};
	struct qun_buf file = {0};
	struct twin fast;

	if (size < HEAD)
		return 0;
	j.conf.lane = data[1] % QUN_LANES;
	if (data[2])
		j.conf.max_record = data[2];
	if (data[3])
		j.conf.max_depth = data[3] % 20 + 1;
	j.portions = data[4];
	j.largest = 1 + data[5] * (size_t)(1 + data[6]);
	if (qun_buf_add_text(&file, before[data[0] % (sizeof(before) / sizeof(*before))]) < 0 ||
		qun_buf_add(&file, data + HEAD, size - HEAD) < 0)
		abort();
	if (!twins_agree(j, qun_buf_span(&file), &fast))
		__builtin_trap();
	qun_buf_release(&file);
	return 0;
}
