/* The codecs' part of liblookup: transforms that make a model's bytes compress better.
 *
 * Every function may be called from any thread; nothing is kept of what a caller hands over. A
 * pointer may be NULL where its size is 0, and nowhere else.
 */
#ifndef CODEC_H
#define CODEC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised with every incompatible change of a function below. */
#define CODEC_ABI_VERSION 3

/* What the functions return. */
enum codec_result {
    CODEC_OK = 0,
    /* The input is not of the kind that the codec reads, or would not become smaller. */
    CODEC_UNSUPPORTED = 1,
    /* What should be decoded is not what an encoder wrote. */
    CODEC_DAMAGED = 2,
    CODEC_OUT_OF_MEMORY = 3,
    CODEC_BAD_ARGUMENT = 4,
};

/* What kind of text `codec_columns_encode` is given. */
enum codec_syntax {
    CODEC_STEP = 1,
    CODEC_OBJ = 2,
};

uint32_t codec_abi_version(void);

/* Encodes `input` into at most `*output_size` bytes of `output`, less than the input has;
 * `*output_size` then holds how many they are. What was written decodes to the input. */
int32_t codec_columns_encode(uint8_t syntax, const uint8_t *input, size_t input_size,
                             uint8_t *output, size_t *output_size);

/* Decodes `input` into exactly `output_size` bytes, which whoever keeps the input must know. */
int32_t codec_columns_decode(const uint8_t *input, size_t input_size, uint8_t *output,
                             size_t output_size);

#ifdef __cplusplus
}
#endif

#endif
