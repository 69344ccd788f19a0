//! One column of numbers: a byte each, which names a frequent number, one that the column had
//! lately, or that the next of the rare ones follows.
const std = @import("std");
const bytes = @import("bytes.zig");
const Error = bytes.Error;

/// Tokens below this are places in the file's list of frequent numbers.
const frequent_max = 240;
const recent_count = 15;
const rare_token = frequent_max + recent_count;
/// A number that occurs less often is not worth a place in the list.
const frequent_count_min = 6;

/// The numbers of a file that one token stands for; all are places in the number table times two,
/// plus one where negative.
pub const Frequent = struct {
    codes: []const u32,

    /// The most frequent of `codes`, which are below `limit`.
    pub fn of(arena: std.mem.Allocator, codes: []const u32, limit: usize) Error!Frequent {
        const counts = try arena.alloc(u32, limit);
        @memset(counts, 0);
        for (codes) |code| counts[code] += 1;
        var order: std.ArrayList(u32) = .empty;
        for (counts, 0..) |count, code| {
            if (count >= frequent_count_min) try order.append(arena, @intCast(code));
        }
        std.mem.sort(u32, order.items, @as([]const u32, counts), moreFrequent);
        return .{ .codes = order.items[0..@min(order.items.len, frequent_max)] };
    }

    pub fn write(self: Frequent, writer: *bytes.Writer) Error!void {
        try writer.varint(self.codes.len);
        try writer.planes(u32, self.codes);
    }

    pub fn read(reader: *bytes.Reader, arena: std.mem.Allocator) Error!Frequent {
        const codes = try arena.alloc(u32, try reader.varint(frequent_max));
        try reader.planes(u32, codes);
        return .{ .codes = codes };
    }

    fn moreFrequent(counts: []const u32, a: u32, b: u32) bool {
        return counts[a] > counts[b];
    }
};

/// The numbers that a column had lately and that are not frequent.
const Recent = struct {
    codes: [recent_count]u32 = @splat(std.math.maxInt(u32)),

    fn find(self: *const Recent, code: u32) ?usize {
        return std.mem.findScalar(u32, &self.codes, code);
    }

    /// Puts `code` first; `place` is where it stood, or the last place.
    fn first(self: *Recent, code: u32, place: usize) void {
        var at = place;
        while (at > 0) : (at -= 1) self.codes[at] = self.codes[at - 1];
        self.codes[0] = code;
    }
};

pub fn write(writer: *bytes.Writer, rare_writer: *bytes.Writer, arena: std.mem.Allocator, codes: []const u32, tokens_of: []const u8) Error!void {
    const tokens = try arena.alloc(u8, codes.len);
    var rare: std.ArrayList(u32) = .empty;
    var recent: Recent = .{};
    for (codes, tokens) |code, *token| {
        token.* = tokens_of[code];
        if (token.* != rare_token) continue;
        if (recent.find(code)) |place| {
            token.* = @intCast(frequent_max + place);
            recent.first(code, place);
        } else {
            try rare.append(arena, code);
            recent.first(code, recent_count - 1);
        }
    }
    try writer.bytes(tokens);
    try rare_writer.varint(rare.items.len);
    try rare_writer.planes(u32, rare.items);
}

/// The token of every code, `rare_token` for those that are not frequent.
pub fn tokenTable(arena: std.mem.Allocator, frequent: Frequent, limit: usize) Error![]u8 {
    const table = try arena.alloc(u8, limit);
    @memset(table, rare_token);
    for (frequent.codes, 0..) |code, token| table[code] = @intCast(token);
    return table;
}

/// The codes of a column; each is below `limit`.
pub fn read(reader: *bytes.Reader, rare_reader: *bytes.Reader, arena: std.mem.Allocator, count: usize, frequent: Frequent, limit: usize) Error![]u32 {
    const tokens = try reader.take(count);
    const rare = try arena.alloc(u32, try rare_reader.varint(@intCast(count)));
    try rare_reader.planes(u32, rare);
    const codes = try arena.alloc(u32, count);
    var recent: Recent = .{};
    var next: usize = 0;
    for (tokens, codes) |token, *code| {
        if (token < frequent_max) {
            if (token >= frequent.codes.len) return error.Damaged;
            code.* = frequent.codes[token];
        } else if (token < rare_token) {
            const place = token - frequent_max;
            code.* = recent.codes[place];
            recent.first(code.*, place);
        } else {
            if (next == rare.len) return error.Damaged;
            code.* = rare[next];
            next += 1;
            recent.first(code.*, recent_count - 1);
        }
        if (code.* >= limit) return error.Damaged;
    }
    return codes;
}

test "a column comes back, and foreign tokens are refused" {
    var arena = std.heap.ArenaAllocator.init(std.testing.allocator);
    defer arena.deinit();
    const gpa = arena.allocator();
    const codes = [_]u32{ 4, 4, 4, 4, 4, 4, 70, 4, 71, 70, 300, 71, 70, 4 };
    const frequent = try Frequent.of(gpa, &codes, 301);
    try std.testing.expectEqualSlices(u32, &.{4}, frequent.codes);
    var writer: bytes.Writer = .{ .gpa = gpa };
    var rare: bytes.Writer = .{ .gpa = gpa };
    try write(&writer, &rare, gpa, &codes, try tokenTable(gpa, frequent, 301));
    var reader: bytes.Reader = .{ .data = writer.list.items };
    var rare_reader: bytes.Reader = .{ .data = rare.list.items };
    try std.testing.expectEqualSlices(u32, &codes, try read(&reader, &rare_reader, gpa, codes.len, frequent, 301));
    for ([_]struct { usize, usize }{ .{ 300, codes.len }, .{ 301, codes.len + 1 } }) |case| {
        reader.at = 0;
        rare_reader.at = 0;
        const result = read(&reader, &rare_reader, gpa, case[1], frequent, case[0]);
        try std.testing.expectError(error.Damaged, result);
    }
}
