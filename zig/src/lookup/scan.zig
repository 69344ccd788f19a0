//! Looks at rows in rank order, 64 at a time, and stops as soon as there are enough.
const std = @import("std");
const cpu = @import("../cpu.zig");
const kernel = @import("kernel.zig");
const wide_kernel = @import("wide");

/// Rows whose code lies in low…low+span match; NULL, which is 0, never does.
pub const Filter = struct {
    codes: [*]const u8,
    code_bytes: u32,
    low: u32,
    span: u32,
};

pub const filters_max = 64;

/// The rows found so far, best first.
pub const Found = struct {
    rows: []u32,
    count: u32 = 0,
    /// What will be read next for each row that is found; null in tests.
    soon: ?[*]const u64 = null,

    pub fn full(found: *const Found) bool {
        return found.count == found.rows.len;
    }
};

/// Scans positions `begin`…`end`; `order` turns a position into a row where they differ.
/// Codes may be read up to 63 positions beyond `end`.
///
/// Each filter runs over a stretch of blocks at once, without a branch between blocks: where hits
/// are rare but not very rare, a branch a block is mispredicted more often than it saves work.
pub fn scan(filters: []const Filter, begin: u32, end: u32, order: ?[]const u32, found: *Found) void {
    scanWith(cpu.hasAvx512(), filters, begin, end, order, found);
}

fn scanWith(wide: bool, filters: []const Filter, begin: u32, end: u32, order: ?[]const u32, found: *Found) void {
    if (filters.len == 0) return all(begin, end, order, found);
    var at: usize = begin;
    while (at < end) : (at += stretch_rows) {
        var masks: [stretch_blocks]u64 = @splat(std.math.maxInt(u64));
        const rows = @min(end - at, stretch_rows);
        const blocks = masks[0 .. (rows + 63) / 64];
        if (rows % 64 != 0) blocks[blocks.len - 1] = (@as(u64, 1) << @intCast(rows % 64)) - 1;
        for (filters) |filter| {
            const any = switch (filter.code_bytes) {
                1 => keep(u8, wide, filter, at, blocks),
                2 => keep(u16, wide, filter, at, blocks),
                else => keep(u32, wide, filter, at, blocks),
            };
            if (any == 0) break;
        } else for (blocks, 0..) |block, number| {
            var mask = block;
            while (mask != 0) : (mask &= mask - 1) {
                const position = at + number * 64 + @ctz(mask);
                const row: u32 = if (order) |rows_of| rows_of[position] else @intCast(position);
                if (found.soon) |soon| @prefetch(soon + row, .{});
                found.rows[found.count] = row;
                found.count += 1;
                if (found.full()) return;
            }
        }
    }
}

const stretch_blocks = 8;
const stretch_rows = 64 * stretch_blocks;

fn all(begin: u32, end: u32, order: ?[]const u32, found: *Found) void {
    const wanted = @min(end - begin, found.rows.len - found.count);
    for (found.rows[found.count..][0..wanted], begin..) |*row, position| {
        row.* = if (order) |rows| rows[position] else @intCast(position);
    }
    found.count += @intCast(wanted);
}

/// Clears the bits of rows that `filter` leaves out; 0 where none is left.
fn keep(comptime Code: type, wide: bool, filter: Filter, at: usize, masks: []u64) u64 {
    const codes = @as([*]align(1) const Code, @ptrCast(filter.codes)) + at;
    const low: Code = @truncate(filter.low);
    const span: Code = @truncate(filter.span);
    return if (wide) wide_kernel.keep(Code, codes, low, span, masks) else kernel.keep(Code, codes, low, span, masks);
}

const testing = std.testing;

test "a scan finds what a loop finds, from any position to any" {
    var prng: std.Random.DefaultPrng = .init(7);
    const random = prng.random();
    inline for (.{ u8, u16, u32 }) |Code| {
        var codes: [1300 + 64]Code = @splat(0);
        var others: [1300 + 64]u16 = @splat(0);
        for (codes[0..1300]) |*code| code.* = random.uintLessThan(Code, 9);
        for (others[0..1300]) |*code| code.* = random.uintLessThan(u16, 500);
        for (0..200) |round| {
            const begin = random.uintLessThan(u32, 1300);
            const end = random.intRangeAtMost(u32, begin, 1300);
            const filters = [_]Filter{
                .{ .codes = @ptrCast(&codes), .code_bytes = @sizeOf(Code), .low = random.intRangeAtMost(u32, 1, 8), .span = random.uintLessThan(u32, 4) },
                .{ .codes = @ptrCast(&others), .code_bytes = 2, .low = 100, .span = random.uintLessThan(u32, 300) },
            };
            var rows: [40]u32 = undefined;
            var found: Found = .{ .rows = &rows };
            scanWith(round % 2 == 0 and cpu.hasAvx512(), &filters, begin, end, null, &found);
            var count: u32 = 0;
            for (begin..end) |row| {
                const hit = codes[row] >= filters[0].low and codes[row] <= filters[0].low + filters[0].span and
                    others[row] >= 100 and others[row] <= 100 + filters[1].span;
                if (!hit or count == rows.len) continue;
                try testing.expectEqual(row, rows[count]);
                count += 1;
            }
            try testing.expectEqual(count, found.count);
        }
    }
}

test "both kernels keep the same rows" {
    if (!cpu.hasAvx512()) return error.SkipZigTest;
    var prng: std.Random.DefaultPrng = .init(8);
    const random = prng.random();
    inline for (.{ u8, u16, u32 }) |Code| {
        var codes: [stretch_rows]Code = undefined;
        for (0..500) |_| {
            random.bytes(std.mem.sliceAsBytes(&codes));
            const low = random.int(Code);
            const span = random.int(Code) >> random.int(std.math.Log2Int(Code));
            var masks: [2][stretch_blocks]u64 = undefined;
            random.bytes(std.mem.sliceAsBytes(&masks[0]));
            masks[1] = masks[0];
            const blocks = random.uintAtMost(usize, stretch_blocks);
            const any = kernel.keep(Code, &codes, low, span, masks[0][0..blocks]);
            try testing.expectEqual(any, wide_kernel.keep(Code, &codes, low, span, masks[1][0..blocks]));
            try testing.expectEqual(masks[0], masks[1]);
        }
    }
}

test "without filters the first rows are the answer" {
    var rows: [3]u32 = undefined;
    var found: Found = .{ .rows = &rows };
    scan(&.{}, 1, 3, &.{ 9, 8, 7, 6 }, &found);
    try testing.expectEqualSlices(u32, &.{ 8, 7 }, rows[0..found.count]);
    scan(&.{}, 5, 9, null, &found);
    try testing.expectEqualSlices(u32, &.{ 8, 7, 5 }, rows[0..found.count]);
}
