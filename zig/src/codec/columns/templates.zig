//! Templates: the fixed text of a record, with holes where a reference or a number stood, and the
//! columns that the holes belong to.
//!
//! `#12 = VERTEX_POINT ( 'NONE', #7 ) ;` has the template `° = VERTEX_POINT ( 'NONE', ° ) ;`. Holes
//! at the same place in records of the same kind share a column: all first coordinates of points,
//! all curves of edges. Both sides derive columns from the templates' text, so none is stored.
const std = @import("std");
const bytes = @import("bytes.zig");
const Error = bytes.Error;

/// Bytes that mark holes in a template; a file that has one of them as text is not encoded.
pub const terminator = 0;
pub const reference_mark = 1;
pub const number_mark = 2;
pub const integer_mark = 3;
pub const mark_max = 3;

pub const templates_max = 1 << 16;
/// Holes beyond share the last column of their kind: the items of a long list are alike.
const slots_max = 6;
const prefix_max = 64;

pub const Kind = enum(u8) { reference = reference_mark, number = number_mark, integer = integer_mark };

pub const Hole = struct {
    kind: Kind,
    /// Which column of the kind; references and integers are counted together.
    column: u32,
    /// The text before this hole and after the one before it.
    text_start: u32,
    text_end: u32,
};

pub const Template = struct {
    /// Which kind of record; templates of one group begin alike.
    group: u32,
    /// The first hole is the number that the record defines; it is in no column.
    defines: bool,
    holes_start: u32,
    holes_end: u32,
    tail_start: u32,
    tail_end: u32,
};

/// The templates of one file, and the columns they imply.
pub const Set = struct {
    arena: std.mem.Allocator,
    /// All templates' text, each ended by a zero byte.
    text: []const u8,
    templates: std.ArrayList(Template) = .empty,
    holes: std.ArrayList(Hole) = .empty,
    groups: std.StringHashMapUnmanaged(u32) = .empty,
    columns: std.AutoHashMapUnmanaged(u64, u32) = .empty,
    reference_columns: u32 = 0,
    number_columns: u32 = 0,

    /// Reads every template of `text`. error.Damaged where the last one is not ended, or there
    /// are more than `templates_max`.
    pub fn parse(arena: std.mem.Allocator, text: []const u8) Error!Set {
        var set: Set = .{ .arena = arena, .text = text };
        var at: usize = 0;
        while (at < text.len) {
            const length = std.mem.findScalar(u8, text[at..], terminator) orelse return error.Damaged;
            if (set.templates.items.len == templates_max) return error.Damaged;
            try set.add(@intCast(at), @intCast(at + length));
            at += length + 1;
        }
        return set;
    }

    fn add(self: *Set, start: u32, end: u32) Error!void {
        const text = self.text[start..end];
        const group = try self.groups.getOrPutValue(self.arena, prefix(text), self.groups.count());
        var template: Template = .{
            .group = group.value_ptr.*,
            .defines = definesEntity(text),
            .holes_start = @intCast(self.holes.items.len),
            .holes_end = undefined,
            .tail_start = undefined,
            .tail_end = end,
        };
        var text_start = start;
        var slots: [mark_max + 1]u32 = @splat(0);
        for (text, start..) |char, at| {
            if (char > mark_max) continue;
            const defined = template.defines and at == start;
            const column = if (defined) 0 else try self.columnOf(template.group, char, slots[char]);
            slots[char] = @min(slots[char] + 1, slots_max);
            try self.holes.append(self.arena, .{
                .kind = @fromBackingInt(@intCast(char)),
                .column = column,
                .text_start = text_start,
                .text_end = @intCast(at),
            });
            text_start = @intCast(at + 1);
        }
        template.holes_end = @intCast(self.holes.items.len);
        template.tail_start = text_start;
        try self.templates.append(self.arena, template);
    }

    fn columnOf(self: *Set, group: u32, mark: u8, slot: u32) Error!u32 {
        const key = @as(u64, group) << 32 | @as(u64, mark) << 16 | slot;
        const entry = try self.columns.getOrPut(self.arena, key);
        if (!entry.found_existing) {
            const counter = if (mark == number_mark) &self.number_columns else &self.reference_columns;
            entry.value_ptr.* = counter.*;
            counter.* += 1;
        }
        return entry.value_ptr.*;
    }

    pub fn holesOf(self: *const Set, template: Template) []const Hole {
        return self.holes.items[template.holes_start..template.holes_end];
    }
};

/// A record that defines an entity begins `#1 =`.
fn definesEntity(text: []const u8) bool {
    if (text.len == 0 or text[0] != reference_mark) return false;
    for (text[1..]) |char| {
        if (char == '=') return true;
        if (char != ' ') return false;
    }
    return false;
}

/// What tells the kind of a record: the text up to its list of values, or up to its first value.
fn prefix(text: []const u8) []const u8 {
    const whole = text[0..@min(text.len, prefix_max)];
    var last: u8 = 0;
    for (whole, 0..) |char, at| {
        // Of `=( LENGTH_UNIT ( ) …` the first parenthesis opens no list of values.
        if (char == '(' and last != '=') return whole[0..at];
        if (char <= mark_max and at > 0) return whole[0..at];
        if (char != ' ') last = char;
    }
    return whole;
}

test "columns follow the kind of record and the place of the hole" {
    var arena = std.heap.ArenaAllocator.init(std.testing.allocator);
    defer arena.deinit();
    const set = try Set.parse(arena.allocator(), "\x01 = EDGE ( \x01, \x01 ) ;\n\x00" ++
        "\x01 = EDGE ( \x01, \x01, \x02 ) ;\n\x00v \x02 \x02\n\x00\x00");
    try std.testing.expectEqual(4, set.templates.items.len);
    try std.testing.expectEqual(2, set.reference_columns);
    try std.testing.expectEqual(3, set.number_columns);
    const edge = set.templates.items[1];
    try std.testing.expect(edge.defines and edge.group == set.templates.items[0].group);
    const holes = set.holesOf(edge);
    try std.testing.expectEqual(1, holes[2].column);
    try std.testing.expectEqualStrings(", ", set.text[holes[3].text_start..holes[3].text_end]);
    try std.testing.expectEqualStrings(" ) ;\n", set.text[edge.tail_start..edge.tail_end]);
    try std.testing.expect(!set.templates.items[2].defines);
}

test "a template without an end is refused" {
    try std.testing.expectError(error.Damaged, Set.parse(std.testing.allocator, "\x01 = A"));
}
