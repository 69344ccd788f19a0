//! Keeps the smallest of many row numbers that come in any order.
const std = @import("std");
const limit_max = @import("query.zig").limit_max;

pub const Best = struct {
    /// Where the answer goes; its length is how many are wanted.
    out: []u32,
    /// Twice as many as are wanted at most: when it is full, the worse half goes.
    buffer: [2 * limit_max]u32 = undefined,
    count: usize = 0,
    /// Rows from here on cannot be among the best any more.
    limit_row: u32 = std.math.maxInt(u32),

    pub fn init(out: []u32) Best {
        std.debug.assert(out.len >= 1 and out.len <= limit_max);
        return .{ .out = out };
    }

    pub fn add(best: *Best, row: u32) void {
        best.buffer[best.count] = row;
        best.count += 1;
        if (best.count == 2 * best.out.len) {
            std.mem.sortUnstable(u32, best.buffer[0..best.count], {}, std.sort.asc(u32));
            best.count = best.out.len;
            best.limit_row = best.buffer[best.count - 1];
        }
    }

    /// Writes the best, in order, and returns how many there are.
    pub fn finish(best: *Best) u32 {
        std.mem.sortUnstable(u32, best.buffer[0..best.count], {}, std.sort.asc(u32));
        const kept = @min(best.count, best.out.len);
        @memcpy(best.out[0..kept], best.buffer[0..kept]);
        return @intCast(kept);
    }
};

test "the best of many, in order" {
    var prng: std.Random.DefaultPrng = .init(3);
    var rows: [5000]u32 = undefined;
    for (&rows, 0..) |*row, index| row.* = @intCast(index);
    for ([_]usize{ 1, 2, 40, 500 }) |wanted| {
        prng.random().shuffle(u32, &rows);
        var out: [500]u32 = undefined;
        var best: Best = .init(out[0..wanted]);
        for (rows) |row| if (row < best.limit_row) best.add(row);
        try std.testing.expectEqual(wanted, best.finish());
        for (out[0..wanted], 0..) |row, index| try std.testing.expectEqual(index, row);
    }
    var out: [3]u32 = undefined;
    var best: Best = .init(&out);
    best.add(7);
    best.add(5);
    try std.testing.expectEqual(2, best.finish());
    try std.testing.expectEqualSlices(u32, &.{ 5, 7 }, out[0..2]);
}
