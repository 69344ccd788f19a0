//! Writes answers: what the index laid out is gathered, nothing is formatted but the count.
const std = @import("std");
const format = @import("format.zig");
const Family = @import("index.zig").Family;
const limit_max = @import("query.zig").limit_max;

pub const Error = error{DamagedIndex};

/// `],"total":500}`, at most.
const end_bytes_max = 14;

/// The length of the answer with these rows. Checks every place that `write` will read.
pub fn lengthBytes(family: *const Family, rows: []const u32, quantity: u32) Error!usize {
    // The candidates lie far apart: ask for the first lines of each before they are copied.
    for (rows) |row| @prefetch(&family.candidate_starts[row], .{});
    var length = family.preamble.len;
    for (rows) |row| {
        const start = family.candidate_starts[row];
        const end = family.candidate_starts[row + 1];
        if (start >= end or end > family.candidates.len) return error.DamagedIndex;
        const candidate = family.candidates.ptr + @as(usize, @intCast(start));
        @prefetch(candidate, .{});
        @prefetch(candidate + 64, .{});
        @prefetch(candidate + 128, .{});
        @prefetch(candidate + 192, .{});
        length += @intCast(end - start);
    }
    // The candidates were laid out with the price of one piece bought alone.
    if (quantity > 1) for (rows) |row| {
        const alone = try family.prices.textOf(try family.prices.at(row, 1));
        const wanted = try family.prices.textOf(try family.prices.at(row, quantity));
        const laid_out = family.candidate_starts[row + 1] - family.candidate_starts[row];
        if (laid_out < alone.len + candidate_end.len) return error.DamagedIndex;
        length = length + wanted.len - alone.len;
    };
    // Each candidate ends in a comma; the last one's is written over.
    if (rows.len > 0) length -= 1;
    var buffer: [end_bytes_max]u8 = undefined;
    return length + ending(&buffer, rows.len).len;
}

/// What follows a candidate's price.
pub const candidate_end = "},";

/// Writes the answer, whose length `lengthBytes` gave, to `out`.
pub fn write(family: *const Family, rows: []const u32, quantity: u32, out: []u8) void {
    @memcpy(out[0..family.preamble.len], family.preamble);
    var at = family.preamble.len;
    for (rows) |row| {
        const start: usize = @intCast(family.candidate_starts[row]);
        const end: usize = @intCast(family.candidate_starts[row + 1]);
        // The last comma has room: the ending is longer.
        if (quantity <= 1) {
            copy(out[at..], family.candidates[start..end]);
            at += end - start;
        } else {
            at += writePriced(family, row, quantity, family.candidates[start..end], out[at..]);
        }
    }
    if (rows.len > 0) at -= 1;
    var buffer: [end_bytes_max]u8 = undefined;
    const tail = ending(&buffer, rows.len);
    @memcpy(out[at..][0..tail.len], tail);
    std.debug.assert(at + tail.len == out.len);
}

/// A candidate with its price at `quantity`; `lengthBytes` has looked at all of this.
fn writePriced(family: *const Family, row: u32, quantity: u32, candidate: []const u8, out: []u8) usize {
    const prices = &family.prices;
    const alone = prices.textOf(prices.at(row, 1) catch unreachable) catch unreachable;
    const wanted = prices.textOf(prices.at(row, quantity) catch unreachable) catch unreachable;
    const head = candidate.len - alone.len - candidate_end.len;
    copy(out, candidate[0..head]);
    copy(out[head..], wanted);
    copy(out[head + wanted.len ..], candidate_end);
    return head + wanted.len + candidate_end.len;
}

const block_bytes = 64;

comptime {
    // Whole blocks may be read beyond the last candidate.
    std.debug.assert(format.slack_bytes >= block_bytes);
}

/// Copies a candidate in whole blocks where `out` has the room, since a call for each of so few
/// bytes takes longer; what lies behind it is written over by what follows.
inline fn copy(out: []u8, candidate: []const u8) void {
    if (std.mem.alignForward(usize, candidate.len, block_bytes) > out.len) {
        @memcpy(out[0..candidate.len], candidate);
        return;
    }
    var at: usize = 0;
    while (at < candidate.len) : (at += block_bytes) {
        const block: @Vector(block_bytes, u8) = candidate.ptr[at..][0..block_bytes].*;
        out[at..][0..block_bytes].* = block;
    }
}

fn ending(buffer: *[end_bytes_max]u8, total: usize) []const u8 {
    std.debug.assert(total <= limit_max);
    const begin = "],\"total\":";
    buffer[0..begin.len].* = begin.*;
    const end = begin.len + std.fmt.printInt(buffer[begin.len..], total, 10, .lower, .{});
    buffer[end] = '}';
    return buffer[0 .. end + 1];
}

test "the ending says how many there are" {
    var buffer: [end_bytes_max]u8 = undefined;
    try std.testing.expectEqualStrings("],\"total\":0}", ending(&buffer, 0));
    try std.testing.expectEqualStrings("],\"total\":500}", ending(&buffer, limit_max));
}
