// Sec-WebSocket-Accept for a Sec-WebSocket-Key: base64(SHA-1(key ‖ GUID)), RFC 6455 §4.2.2; SHA-1 as in FIPS 180-4 §6.1.
#pragma once
#include <stdint.h>
#include <string.h>

enum { WEBSOCKET_KEY_BYTES = 24, WEBSOCKET_ACCEPT_BYTES = 28 };

static uint32_t rotate_left(uint32_t x, int bits) { return x << bits | x >> (32 - bits); }

static void sha1_block(uint32_t state[5], const uint8_t block[64]) {
    uint32_t w[80];
    for (int t = 0; t < 16; t++)
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 | (uint32_t)block[4 * t + 2] << 8 |
               block[4 * t + 3];
    for (int t = 16; t < 80; t++) w[t] = rotate_left(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int t = 0; t < 80; t++) {
        uint32_t f, k;
        if (t < 20) f = (b & c) | (~b & d), k = 0x5A827999;
        else if (t < 40) f = b ^ c ^ d, k = 0x6ED9EBA1;
        else if (t < 60) f = (b & c) | (b & d) | (c & d), k = 0x8F1BBCDC;
        else f = b ^ c ^ d, k = 0xCA62C1D6;
        uint32_t next = rotate_left(a, 5) + f + e + k + w[t];
        e = d, d = c, c = rotate_left(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

// `key` holds WEBSOCKET_KEY_BYTES, `accept` takes WEBSOCKET_ACCEPT_BYTES, neither is terminated.
static void websocket_accept(const char *key, char *accept) {
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    enum { MESSAGE_BYTES = WEBSOCKET_KEY_BYTES + sizeof guid - 1 };
    uint8_t padded[128] = {0};  // 60 bytes, the 0x80 and the 64-bit length take two blocks
    memcpy(padded, key, WEBSOCKET_KEY_BYTES);
    memcpy(padded + WEBSOCKET_KEY_BYTES, guid, sizeof guid - 1);
    padded[MESSAGE_BYTES] = 0x80;
    padded[126] = (uint8_t)(MESSAGE_BYTES * 8 >> 8);
    padded[127] = (uint8_t)(MESSAGE_BYTES * 8);
    uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    sha1_block(state, padded);
    sha1_block(state, padded + 64);

    uint8_t digest[21] = {0};  // one byte more, so that seven groups of three can be read
    for (int i = 0; i < 20; i++) digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int group = 0; group < 7; group++) {
        uint32_t bits = (uint32_t)digest[3 * group] << 16 | (uint32_t)digest[3 * group + 1] << 8 | digest[3 * group + 2];
        for (int i = 0; i < 4; i++) accept[4 * group + i] = alphabet[bits >> (18 - 6 * i) & 63];
    }
    accept[27] = '=';
}
