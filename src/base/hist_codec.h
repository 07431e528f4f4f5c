/*
 * hist_codec: a histogram as the text that HdrHistogram's logs hold (V2, compressed, base64), both
 * ways: what HdrHistogram's own readers in any language read. Pure; any thread, while nobody writes
 * the histogram.
 *
 * After HdrHistogram's Java sources, org.HdrHistogram.AbstractHistogram, encodeIntoByteBuffer and
 * encodeIntoCompressedByteBuffer (all numbers big-endian):
 *
 *   compressed:  0x1C849314 | i32 length | zlib stream of
 *   payload:     0x1C849313 | i32 length of the counts | i32 normalizing index offset (0)
 *                | i32 significant digits (3) | i64 lowest (1) | i64 highest | f64 ratio (1.0)
 *                | counts: ZigZag LEB128-64b9B, a run of n empty slots as -n, up to the last in use
 */
#ifndef CDCBENCH_BASE_HIST_CODEC_H
#define CDCBENCH_BASE_HIST_CODEC_H

#include "base/buf.h"
#include "base/err.h"
#include "base/hist.h"

/* Appends the text. Counts are exact, slot for slot; what lies in the overflow (above HIST_MAX_US)
 * has no place in the format: ask hist_overflow. False when memory is out. */
bool hist_encode(const hist_t *h, buf_t *out);

/* Calls `slot` for every slot in use, lowest first. The text may be anybody's: ERR_USAGE says what
 * is wrong with it; ERR_RUN when memory is out. Histograms of other digits or another lowest value
 * are refused: their slots are not ours. */
typedef void hist_slot_visit_t(void *ctx, size_t slot, uint64_t count);
bool hist_decode(const char *text, size_t len, hist_slot_visit_t *slot, void *ctx, err_t *err);

#endif
