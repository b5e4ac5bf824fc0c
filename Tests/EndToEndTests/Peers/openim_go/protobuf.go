package main

import (
	"encoding/binary"
	"errors"
	"unicode/utf8"
)

// Just enough of protobuf's wire format (protobuf.dev, Encoding) for the bodies of the frames.

const (
	wireVarint = 0
	wireFixed8 = 1
	wireBytes  = 2
	wireFixed4 = 5
)

var errProtobuf = errors.New("not protobuf")

// body is an encoded message; zero values are left out, as proto3 does.
type body []byte

func (b body) bytes(field int, value []byte) body {
	if len(value) == 0 {
		return b
	}
	return b.message(field, value)
}

// message is written even when empty: an element of a list.
func (b body) message(field int, value []byte) body {
	b = binary.AppendUvarint(b, uint64(field)<<3|wireBytes)
	b = binary.AppendUvarint(b, uint64(len(value)))
	return append(b, value...)
}

func (b body) text(field int, value string) body { return b.bytes(field, []byte(value)) }

func (b body) varint(field int, value int64) body {
	if value == 0 {
		return b
	}
	b = binary.AppendUvarint(b, uint64(field)<<3|wireVarint)
	return binary.AppendUvarint(b, uint64(value))
}

// field is one of a message as it came: number for varints, bytes for the rest.
type field struct {
	id     int
	wire   int
	number int64
	bytes  []byte
}

// parse splits a message into its fields.
func parse(data []byte) ([]field, error) {
	var fields []field
	for len(data) > 0 {
		key, n := binary.Uvarint(data)
		if n <= 0 || key>>3 == 0 || key>>3 > 1<<29-1 {
			return nil, errProtobuf
		}
		data = data[n:]
		f := field{id: int(key >> 3), wire: int(key & 7)}
		var size uint64
		switch f.wire {
		case wireVarint:
			number, n := binary.Uvarint(data)
			if n <= 0 {
				return nil, errProtobuf
			}
			f.number, size = int64(number), uint64(n)
		case wireFixed8:
			size = 8
		case wireFixed4:
			size = 4
		case wireBytes:
			length, n := binary.Uvarint(data)
			if n <= 0 {
				return nil, errProtobuf
			}
			data, size = data[n:], length
		default:
			return nil, errProtobuf
		}
		if size > uint64(len(data)) {
			return nil, errProtobuf
		}
		if f.wire != wireVarint {
			f.bytes = data[:size]
		}
		data = data[size:]
		fields = append(fields, f)
	}
	return fields, nil
}

// text is the last value of a string field; a string that is not UTF-8 is no protobuf.
func text(fields []field, id int) (value string, err error) {
	for _, f := range fields {
		if f.id == id && f.wire == wireBytes {
			value = string(f.bytes)
		}
	}
	if !utf8.ValidString(value) {
		return "", errProtobuf
	}
	return value, nil
}

func number(fields []field, id int) (value int64) {
	for _, f := range fields {
		if f.id == id && f.wire == wireVarint {
			value = f.number
		}
	}
	return value
}
