// zlib, with the macros that Swift cannot see as functions.
#pragma once
#include <zlib.h>

/// Raw deflate (RFC 1951): no header, no checksum. `bits` and `level` of memory as deflateInit2 takes them.
static inline int posthouse_deflate_init(z_stream *stream, int level, int bits, int memory) {
    return deflateInit2(stream, level, Z_DEFLATED, -bits, memory, Z_DEFAULT_STRATEGY);
}

/// The same for inflating, with any window that a peer may use.
static inline int posthouse_inflate_init(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }
