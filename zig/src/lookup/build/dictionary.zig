//! The distinct values of a column: numbered as they come, then sorted into codes.
const std = @import("std");
const format = @import("../format.zig");
const number = @import("../number.zig");

const Allocator = std.mem.Allocator;

/// The number of NULL; values are numbered from 1 in the order in which they are first seen.
pub const null_id: u32 = 0;

pub const Error = error{ NotFinite, TextTooLong, NotUtf8, OutOfMemory };

/// Values of one kind, and for each the JSON text that stands for it in a candidate.
pub const Dictionary = struct {
    gpa: Allocator,
    kind: format.Kind,
    /// Whether numbers are counts, written without a fraction.
    whole: bool = false,
    reals: std.ArrayList(f64) = .empty,
    real_ids: std.AutoHashMapUnmanaged(u64, u32) = .empty,
    texts: std.ArrayList([]const u8) = .empty,
    text_ids: std.StringHashMapUnmanaged(u32) = .empty,

    pub fn deinit(dictionary: *Dictionary) void {
        const gpa = dictionary.gpa;
        for (dictionary.texts.items) |text| gpa.free(text);
        dictionary.texts.deinit(gpa);
        dictionary.text_ids.deinit(gpa);
        dictionary.reals.deinit(gpa);
        dictionary.real_ids.deinit(gpa);
    }

    pub fn count(dictionary: *const Dictionary) u32 {
        return @intCast(switch (dictionary.kind) {
            .real => dictionary.reals.items.len,
            else => dictionary.texts.items.len,
        });
    }

    /// The number of a real value; both zeros are one value, as they are in SQL.
    pub fn addReal(dictionary: *Dictionary, given: f64) Error!u32 {
        if (!std.math.isFinite(given)) return error.NotFinite;
        const value = if (given == 0) 0.0 else given;
        const entry = try dictionary.real_ids.getOrPut(dictionary.gpa, @bitCast(value));
        if (!entry.found_existing) {
            try dictionary.reals.append(dictionary.gpa, value);
            entry.value_ptr.* = @intCast(dictionary.reals.items.len);
        }
        return entry.value_ptr.*;
    }

    /// The number of a text, spelled as it is.
    pub fn addText(dictionary: *Dictionary, value: []const u8) Error!u32 {
        if (dictionary.text_ids.get(value)) |id| return id;
        if (value.len > format.text_bytes_max) return error.TextTooLong;
        if (!std.unicode.utf8ValidateSlice(value)) return error.NotUtf8;
        const gpa = dictionary.gpa;
        const copy = try gpa.dupe(u8, value);
        errdefer gpa.free(copy);
        try dictionary.texts.append(gpa, copy);
        errdefer _ = dictionary.texts.pop();
        const id: u32 = @intCast(dictionary.texts.items.len);
        try dictionary.text_ids.put(gpa, copy, id);
        return id;
    }

    /// Sorts the values; `codes[id]` is then the code of each number, equal for texts that differ
    /// in what folding them leaves out.
    pub fn sorted(dictionary: *const Dictionary, arena: Allocator) Allocator.Error!Sorted {
        const ids = try arena.alloc(u32, dictionary.count());
        for (ids, 1..) |*id, value| id.* = @intCast(value);
        const codes = try arena.alloc(u32, ids.len + 1);
        codes[null_id] = 0;
        if (dictionary.kind == .real) {
            std.mem.sortUnstable(u32, ids, dictionary.reals.items, lessReal);
            const values = try arena.alloc(f64, ids.len);
            for (ids, values, 1..) |id, *value, code| {
                value.* = dictionary.reals.items[id - 1];
                codes[id] = @intCast(code);
            }
            return .{ .codes = codes, .distinct = @intCast(ids.len), .reals = values };
        }
        const folded = try arena.alloc([]const u8, ids.len);
        for (folded, dictionary.texts.items) |*lower, original| {
            const copy = try arena.dupe(u8, original);
            for (copy) |*byte| byte.* = format.foldByte(byte.*);
            lower.* = copy;
        }
        std.mem.sortUnstable(u32, ids, folded, lessText);
        var values: std.ArrayList([]const u8) = .empty;
        for (ids) |id| {
            const lower = folded[id - 1];
            const last = if (values.items.len > 0) values.items[values.items.len - 1] else null;
            if (last == null or !std.mem.eql(u8, last.?, lower)) try values.append(arena, lower);
            codes[id] = @intCast(values.items.len);
        }
        return .{ .codes = codes, .distinct = @intCast(values.items.len), .texts = values.items };
    }

    /// `,"name":value` for each number, and for NULL.
    pub fn members(dictionary: *const Dictionary, arena: Allocator, name: []const u8) ![]const []const u8 {
        const pieces = try arena.alloc([]const u8, dictionary.count() + 1);
        pieces[null_id] = try std.fmt.allocPrint(arena, ",\"{s}\":null", .{name});
        for (pieces[1..], 0..) |*piece, index| {
            if (dictionary.kind == .real) {
                var buffer: [number.length_max]u8 = undefined;
                const given = dictionary.reals.items[index];
                const value = if (dictionary.whole) number.plain(&buffer, given) else number.write(&buffer, given);
                piece.* = try std.fmt.allocPrint(arena, ",\"{s}\":{s}", .{ name, value });
            } else {
                const value = try quoted(arena, dictionary.texts.items[index]);
                piece.* = try std.fmt.allocPrint(arena, ",\"{s}\":{s}", .{ name, value });
            }
        }
        return pieces;
    }
};

pub const Sorted = struct {
    codes: []const u32,
    distinct: u32,
    reals: []const f64 = &.{},
    texts: []const []const u8 = &.{},
};

fn lessReal(values: []const f64, a: u32, b: u32) bool {
    return values[a - 1] < values[b - 1];
}

fn lessText(values: []const []const u8, a: u32, b: u32) bool {
    return std.mem.lessThan(u8, values[a - 1], values[b - 1]);
}

/// A JSON string; only what JSON requires is escaped.
pub fn quoted(arena: Allocator, text: []const u8) Allocator.Error![]const u8 {
    var out: std.ArrayList(u8) = .empty;
    try out.append(arena, '"');
    for (text) |byte| switch (byte) {
        '"', '\\' => try out.appendSlice(arena, &.{ '\\', byte }),
        '\n' => try out.appendSlice(arena, "\\n"),
        '\r' => try out.appendSlice(arena, "\\r"),
        '\t' => try out.appendSlice(arena, "\\t"),
        0x08 => try out.appendSlice(arena, "\\b"),
        0x0c => try out.appendSlice(arena, "\\f"),
        0...0x07, 0x0b, 0x0e...0x1f => try out.print(arena, "\\u{x:0>4}", .{byte}),
        else => try out.append(arena, byte),
    };
    try out.append(arena, '"');
    return out.items;
}

const testing = std.testing;

test "codes follow the values, and zero has one" {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    var dictionary: Dictionary = .{ .gpa = testing.allocator, .kind = .real };
    defer dictionary.deinit();
    for ([_]f64{ 5, -1, 0.0, -0.0, 5 }, [_]u32{ 1, 2, 3, 3, 1 }) |value, id| {
        try testing.expectEqual(id, try dictionary.addReal(value));
    }
    try testing.expectError(error.NotFinite, dictionary.addReal(std.math.inf(f64)));
    const sorted = try dictionary.sorted(arena.allocator());
    try testing.expectEqualSlices(f64, &.{ -1, 0, 5 }, sorted.reals);
    try testing.expectEqualSlices(u32, &.{ 0, 3, 1, 2 }, sorted.codes);
    const members = try dictionary.members(arena.allocator(), "v");
    try testing.expectEqualStrings(",\"v\":null", members[0]);
    try testing.expectEqualStrings(",\"v\":5.0", members[1]);
}

test "texts keep their spelling and share a code" {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    var dictionary: Dictionary = .{ .gpa = testing.allocator, .kind = .text };
    defer dictionary.deinit();
    _ = try dictionary.addText("X7R");
    _ = try dictionary.addText("C0G");
    _ = try dictionary.addText("x7r");
    try testing.expectError(error.NotUtf8, dictionary.addText("\xff"));
    try testing.expectError(error.TextTooLong, dictionary.addText(&@as([1001]u8, @splat('a'))));
    const sorted = try dictionary.sorted(arena.allocator());
    try testing.expectEqual(2, sorted.distinct);
    try testing.expectEqualSlices(u32, &.{ 0, 2, 1, 2 }, sorted.codes);
    const members = try dictionary.members(arena.allocator(), "t");
    try testing.expectEqualStrings(",\"t\":\"x7r\"", members[3]);
    try testing.expectEqualStrings("\"a\\\"\\n\\u0001\\\\\"", try quoted(arena.allocator(), "a\"\n\x01\\"));
}
