//! Looks at rows in rank order, 64 at a time, and stops as soon as there are enough.
const std = @import("std");

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

    pub fn full(found: *const Found) bool {
        return found.count == found.rows.len;
    }
};

/// Scans positions `begin`…`end`; `order` turns a position into a row where they differ.
/// Codes may be read up to 63 positions beyond `end`.
pub fn scan(filters: []const Filter, begin: u32, end: u32, order: ?[]const u32, found: *Found) void {
    if (filters.len == 0) return all(begin, end, order, found);
    switch (filters[0].code_bytes) {
        1 => scanFirst(u8, filters, begin, end, order, found),
        2 => scanFirst(u16, filters, begin, end, order, found),
        else => scanFirst(u32, filters, begin, end, order, found),
    }
}

fn all(begin: u32, end: u32, order: ?[]const u32, found: *Found) void {
    const wanted = @min(end - begin, found.rows.len - found.count);
    for (found.rows[found.count..][0..wanted], begin..) |*row, position| {
        row.* = if (order) |rows| rows[position] else @intCast(position);
    }
    found.count += @intCast(wanted);
}

fn scanFirst(comptime Code: type, filters: []const Filter, begin: u32, end: u32, order: ?[]const u32, found: *Found) void {
    const first = filters[0];
    const rest = filters[1..];
    var at: usize = begin;
    while (at < end) : (at += 64) {
        var mask = matches(Code, first, at);
        if (mask == 0) continue;
        for (rest) |filter| {
            mask &= switch (filter.code_bytes) {
                1 => matches(u8, filter, at),
                2 => matches(u16, filter, at),
                else => matches(u32, filter, at),
            };
            if (mask == 0) break;
        }
        if (end - at < 64) mask &= (@as(u64, 1) << @intCast(end - at)) - 1;
        while (mask != 0) : (mask &= mask - 1) {
            const position = at + @ctz(mask);
            found.rows[found.count] = if (order) |rows| rows[position] else @intCast(position);
            found.count += 1;
            if (found.full()) return;
        }
    }
}

/// One bit a row, for 64 rows from `at`.
inline fn matches(comptime Code: type, filter: Filter, at: usize) u64 {
    const Codes = @Vector(64, Code);
    const items: [*]align(1) const Code = @ptrCast(filter.codes);
    const codes: Codes = items[at..][0..64].*;
    const low: Codes = @splat(@truncate(filter.low));
    const span: Codes = @splat(@truncate(filter.span));
    return @bitCast((codes -% low) <= span);
}

const testing = std.testing;

test "a scan finds what a loop finds, from any position to any" {
    var prng: std.Random.DefaultPrng = .init(7);
    const random = prng.random();
    inline for (.{ u8, u16, u32 }) |Code| {
        var codes: [300 + 64]Code = @splat(0);
        var others: [300 + 64]u16 = @splat(0);
        for (codes[0..300]) |*code| code.* = random.uintLessThan(Code, 9);
        for (others[0..300]) |*code| code.* = random.uintLessThan(u16, 500);
        for (0..200) |_| {
            const begin = random.uintLessThan(u32, 300);
            const end = random.intRangeAtMost(u32, begin, 300);
            const filters = [_]Filter{
                .{ .codes = @ptrCast(&codes), .code_bytes = @sizeOf(Code), .low = random.intRangeAtMost(u32, 1, 8), .span = random.uintLessThan(u32, 4) },
                .{ .codes = @ptrCast(&others), .code_bytes = 2, .low = 100, .span = random.uintLessThan(u32, 300) },
            };
            var rows: [40]u32 = undefined;
            var found: Found = .{ .rows = &rows };
            scan(&filters, begin, end, null, &found);
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

test "without filters the first rows are the answer" {
    var rows: [3]u32 = undefined;
    var found: Found = .{ .rows = &rows };
    scan(&.{}, 1, 3, &.{ 9, 8, 7, 6 }, &found);
    try testing.expectEqualSlices(u32, &.{ 8, 7 }, rows[0..found.count]);
    scan(&.{}, 5, 9, null, &found);
    try testing.expectEqualSlices(u32, &.{ 8, 7, 5 }, rows[0..found.count]);
}
