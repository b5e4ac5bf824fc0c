// A growable run of bytes.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    uint8_t *base;
    size_t length, capacity;
};

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void reserve(struct bytes *b, size_t capacity) {
    if (b->capacity >= capacity) return;
    b->base = realloc(b->base, capacity);
    if (!b->base) fail("memory");
    b->capacity = capacity;
}

static void append(struct bytes *b, const void *data, size_t length) {
    size_t needed = b->length + length;
    if (needed > b->capacity) reserve(b, needed > 2 * b->capacity ? needed : 2 * b->capacity);
    memcpy(b->base + b->length, data, length);
    b->length = needed;
}

static void release(struct bytes *b) {
    free(b->base);
    *b = (struct bytes){0};
}
