//! The distinct numbers of a file, sorted, each as its difference from the one before it.
//!
//! Sorting costs nothing, since a value then stands for itself by its place, and saves what the
//! order of n values holds: log2(n!) bits.
const std = @import("std");
const bytes = @import("bytes.zig");
const numbers = @import("numbers.zig");
const Error = bytes.Error;
const Layout = numbers.Layout;

const layouts_max = 4096;

/// Writes `list`, which it sorts, and returns the new place of each of its entries.
pub fn write(writer: *bytes.Writer, arena: std.mem.Allocator, list: []const numbers.Number) Error![]u32 {
    const order = try arena.alloc(u32, list.len);
    for (order, 0..) |*place, at| place.* = @intCast(at);
    std.mem.sortUnstable(u32, order, list, before);
    const places = try arena.alloc(u32, list.len);
    const deltas = try arena.alloc(u64, list.len);
    var layouts: bytes.Writer = .{ .gpa = arena };
    var layout_count: usize = 0;
    var run: usize = 0;
    for (order, 0..) |from, at| {
        places[from] = @intCast(at);
        const number = list[from];
        if (at > 0 and compare(list[order[at - 1]].layout, number.layout) == .eq) {
            deltas[at] = number.integer - list[order[at - 1]].integer;
            run += 1;
        } else {
            if (at > 0) try layouts.varint(run);
            try writeLayout(&layouts, number.layout);
            layout_count += 1;
            deltas[at] = number.integer;
            run = 1;
        }
    }
    if (list.len > 0) try layouts.varint(run);
    try writer.varint(list.len);
    try writer.varint(layout_count);
    try writer.bytes(layouts.list.items);
    try writer.planes(u64, deltas);
    return places;
}

/// The numbers' texts, back to back.
pub const Texts = struct {
    data: []const u8,
    /// Text n lies from starts[n] to starts[n + 1].
    starts: []const u32,

    pub fn count(self: Texts) u32 {
        return @intCast(self.starts.len - 1);
    }

    pub fn get(self: Texts, index: u32) []const u8 {
        return self.data[self.starts[index]..self.starts[index + 1]];
    }
};

/// Reads what `write` wrote. All texts together are at most `size_max` long, since each occurs in
/// the file at least once.
pub fn read(reader: *bytes.Reader, arena: std.mem.Allocator, size_max: usize) Error!Texts {
    const count = try reader.varint(@intCast(size_max));
    const layout_count = try reader.varint(layouts_max);
    const layouts = try arena.alloc(Layout, layout_count);
    const runs = try arena.alloc(u32, layout_count);
    var left = count;
    for (layouts, runs) |*layout, *run| {
        layout.* = try readLayout(reader);
        run.* = try reader.varint(left);
        left -= run.*;
    }
    if (left != 0) return error.Damaged;
    const deltas = try arena.alloc(u64, count);
    try reader.planes(u64, deltas);
    const starts = try arena.alloc(u32, count + 1);
    var data: std.ArrayList(u8) = .empty;
    var at: usize = 0;
    for (layouts, runs) |layout, run| {
        var integer: u64 = 0;
        for (deltas[at..][0..run]) |delta| {
            integer +%= delta;
            var buffer: [numbers.length_max]u8 = undefined;
            const text = try numbers.print(.{ .layout = layout, .integer = integer }, &buffer);
            if (data.items.len + text.len > size_max) return error.Damaged;
            starts[at] = @intCast(data.items.len);
            try data.appendSlice(arena, text);
            at += 1;
        }
    }
    starts[count] = @intCast(data.items.len);
    return .{ .data = data.items, .starts = starts };
}

fn writeLayout(writer: *bytes.Writer, layout: Layout) Error!void {
    try writer.byte(@intFromBool(layout.binary));
    try writer.byte(layout.fraction);
    try writer.byte(layout.exponent_len);
    try writer.bytes(layout.exponent[0..layout.exponent_len]);
}

fn readLayout(reader: *bytes.Reader) Error!Layout {
    var layout: Layout = .{ .binary = (try reader.byte()) & 1 == 1 };
    layout.fraction = try reader.byte();
    layout.exponent_len = try reader.byte();
    if (layout.exponent_len > layout.exponent.len) return error.Damaged;
    @memcpy(layout.exponent[0..layout.exponent_len], try reader.take(layout.exponent_len));
    return layout;
}

fn before(list: []const numbers.Number, a: u32, b: u32) bool {
    const order = compare(list[a].layout, list[b].layout);
    return if (order == .eq) list[a].integer < list[b].integer else order == .lt;
}

fn compare(a: Layout, b: Layout) std.math.Order {
    if (a.binary != b.binary) return if (b.binary) .lt else .gt;
    if (a.fraction != b.fraction) return std.math.order(a.fraction, b.fraction);
    return std.mem.order(u8, a.exponent[0..a.exponent_len], b.exponent[0..b.exponent_len]);
}

test "numbers come back sorted, at the places that were told" {
    var arena = std.heap.ArenaAllocator.init(std.testing.allocator);
    defer arena.deinit();
    const texts = [_][]const u8{ "2.5", "0.1000000000000000056", "0.25", "1.5", "1.E-05" };
    var list: [texts.len]numbers.Number = undefined;
    for (texts, &list) |text, *number| number.* = numbers.parse(text).?;
    var writer: bytes.Writer = .{ .gpa = arena.allocator() };
    const places = try write(&writer, arena.allocator(), &list);
    var reader: bytes.Reader = .{ .data = writer.list.items };
    const back = try read(&reader, arena.allocator(), 100);
    try reader.end();
    for (texts, places) |text, place| try std.testing.expectEqualStrings(text, back.get(place));
    reader.at = 0;
    try std.testing.expectError(error.Damaged, read(&reader, arena.allocator(), 10));
}
