//! Bytes of a column container: varints, and arrays of integers stored plane by plane.
//!
//! A plane holds one byte of each integer: all lowest bytes, then all second bytes, and so on. The
//! planes of similar integers compress far better than the integers, and a general compressor then
//! needs no knowledge of their width.
const std = @import("std");

pub const Error = error{ Damaged, OutOfMemory };

pub const Reader = struct {
    data: []const u8,
    at: usize = 0,

    pub fn take(self: *Reader, count: usize) Error![]const u8 {
        if (count > self.data.len - self.at) return error.Damaged;
        defer self.at += count;
        return self.data[self.at..][0..count];
    }

    pub fn byte(self: *Reader) Error!u8 {
        return (try self.take(1))[0];
    }

    /// A LEB128 integer of at most `limit`.
    pub fn varint(self: *Reader, limit: u32) Error!u32 {
        var value: u64 = 0;
        var shift: u6 = 0;
        while (true) {
            const next = try self.byte();
            value |= @as(u64, next & 0x7f) << shift;
            if (next < 0x80) break;
            shift += 7;
            if (shift > 28) return error.Damaged;
        }
        if (value > limit) return error.Damaged;
        return @intCast(value);
    }

    /// Fills `values` from its planes.
    pub fn planes(self: *Reader, comptime T: type, values: []T) Error!void {
        const width = try self.byte();
        if (width > @sizeOf(T)) return error.Damaged;
        @memset(values, 0);
        for (0..width) |plane| {
            const source = try self.take(values.len);
            const shift: std.math.Log2Int(T) = @intCast(plane * 8);
            for (values, source) |*value, low| value.* |= @as(T, low) << shift;
        }
    }

    pub fn end(self: *const Reader) Error!void {
        if (self.at != self.data.len) return error.Damaged;
    }
};

pub const Writer = struct {
    gpa: std.mem.Allocator,
    list: std.ArrayList(u8) = .empty,

    pub fn bytes(self: *Writer, data: []const u8) Error!void {
        try self.list.appendSlice(self.gpa, data);
    }

    pub fn byte(self: *Writer, value: u8) Error!void {
        try self.list.append(self.gpa, value);
    }

    pub fn varint(self: *Writer, value: usize) Error!void {
        var rest = value;
        while (rest >= 0x80) : (rest >>= 7) try self.byte(@as(u8, @truncate(rest)) | 0x80);
        try self.byte(@truncate(rest));
    }

    pub fn planes(self: *Writer, comptime T: type, values: []const T) Error!void {
        const width = planeCount(T, values);
        try self.byte(@intCast(width));
        try self.list.ensureUnusedCapacity(self.gpa, width * values.len);
        for (0..width) |plane| {
            const shift: std.math.Log2Int(T) = @intCast(plane * 8);
            for (values) |value| self.list.appendAssumeCapacity(@truncate(value >> shift));
        }
    }
};

/// How many bytes the largest of `values` needs.
pub fn planeCount(comptime T: type, values: []const T) usize {
    var all: T = 0;
    for (values) |value| all |= value;
    return (@bitSizeOf(T) - @clz(all) + 7) / 8;
}

/// What the planes of `values` take at least, in bits, each plane by itself; the measure by which
/// an encoder chooses between ways to write a column.
pub fn planeCost(values: []const u32) f64 {
    var bits: f64 = 0;
    for (0..planeCount(u32, values)) |plane| {
        var counts: [256]u32 = @splat(0);
        const shift: u5 = @intCast(plane * 8);
        for (values) |value| counts[@as(u8, @truncate(value >> shift))] += 1;
        const total: f64 = @floatFromInt(values.len);
        for (counts) |count| {
            if (count == 0) continue;
            const share: f64 = @floatFromInt(count);
            // Each symbol that occurs also costs its place in a table.
            bits += share * std.math.log2(total / share) + 3;
        }
    }
    return bits;
}

pub fn zigzag(difference: u32) u32 {
    const signed: i32 = @bitCast(difference);
    return @bitCast((signed << 1) ^ (signed >> 31));
}

pub fn unzigzag(value: u32) u32 {
    return (value >> 1) ^ (0 -% (value & 1));
}

test "planes and varints come back" {
    var writer: Writer = .{ .gpa = std.testing.allocator };
    defer writer.list.deinit(std.testing.allocator);
    const values = [_]u32{ 0, 1, 255, 70000 };
    try writer.planes(u32, &values);
    try writer.varint(300);
    var reader: Reader = .{ .data = writer.list.items };
    var back: [4]u32 = undefined;
    try reader.planes(u32, &back);
    try std.testing.expectEqualSlices(u32, &values, &back);
    try std.testing.expectEqual(300, try reader.varint(300));
    try reader.end();
    reader.at -= 2;
    try std.testing.expectError(error.Damaged, reader.varint(299));
    try std.testing.expectError(error.Damaged, reader.take(3));
}

test "zigzag is its own inverse at the ends" {
    for ([_]u32{ 0, 1, 0xffffffff, 0x7fffffff, 0x80000000, 12345 }) |value| {
        try std.testing.expectEqual(value, unzigzag(zigzag(value)));
    }
    try std.testing.expectEqual(1, zigzag(0xffffffff));
}
