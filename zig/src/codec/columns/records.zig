//! A file as records: statements that end with `;` in STEP, lines in OBJ. Each becomes a template
//! and the values of its holes. Nothing is lost whatever the text: what is no value is template.
const std = @import("std");
const bytes = @import("bytes.zig");
const numbers = @import("numbers.zig");
const templates = @import("templates.zig");

pub const Syntax = enum(u8) {
    /// ISO 10303-21: values are references `#12` and numbers with a point.
    step = 1,
    /// Wavefront OBJ: values are integers and numbers with a point.
    obj = 2,
};

pub const Error = bytes.Error || error{Unsupported};

const digits_max = 9;

/// The records of one file, as arrays in order of occurrence.
pub const Records = struct {
    arena: std.mem.Allocator,
    syntax: Syntax,
    /// The text of each template, in order of first occurrence.
    texts: std.ArrayList([]const u8) = .empty,
    ids: std.StringHashMapUnmanaged(u32) = .empty,
    /// Which template each record has.
    records: std.ArrayList(u32) = .empty,
    /// References and integers.
    references: std.ArrayList(u32) = .empty,
    /// Index in `numbers` times two, plus one where it is negative.
    signed: std.ArrayList(u32) = .empty,
    numbers: std.ArrayList(numbers.Number) = .empty,
    number_ids: std.StringHashMapUnmanaged(u32) = .empty,
    scratch: std.ArrayList(u8) = .empty,

    /// error.Unsupported where the file cannot be encoded: it has bytes that mark holes, or so
    /// many templates that they would hold nothing in common.
    pub fn parse(arena: std.mem.Allocator, syntax: Syntax, input: []const u8) Error!Records {
        var self: Records = .{ .arena = arena, .syntax = syntax };
        var at: usize = 0;
        while (at < input.len) at = try self.record(input, at);
        return self;
    }

    fn record(self: *Records, input: []const u8, start: usize) Error!usize {
        self.scratch.clearRetainingCapacity();
        var at = start;
        var previous: u8 = '\n';
        while (at < input.len) {
            const char = input[at];
            if (char <= templates.mark_max) return error.Unsupported;
            const after_value = if (isValueChar(previous)) 0 else try self.value(input, at);
            if (after_value > 0) {
                at = after_value;
                previous = input[at - 1];
                continue;
            }
            try self.scratch.append(self.arena, char);
            previous = char;
            at += 1;
            if (char == '\n' and self.syntax == .obj) break;
            if (char == ';' and self.syntax == .step) {
                while (at < input.len and (input[at] == '\r' or input[at] == '\n')) : (at += 1) {
                    try self.scratch.append(self.arena, input[at]);
                }
                break;
            }
        }
        const entry = try self.ids.getOrPut(self.arena, self.scratch.items);
        if (!entry.found_existing) {
            if (self.texts.items.len == templates.templates_max) return error.Unsupported;
            const text = try self.arena.dupe(u8, self.scratch.items);
            entry.key_ptr.* = text;
            entry.value_ptr.* = @intCast(self.texts.items.len);
            try self.texts.append(self.arena, text);
        }
        try self.records.append(self.arena, entry.value_ptr.*);
        return at;
    }

    /// Where the value at `start` ends, after it is recorded; 0 where there is none.
    fn value(self: *Records, input: []const u8, start: usize) Error!usize {
        const char = input[start];
        if (char == '#' and self.syntax == .step) {
            const length = integerLength(input[start + 1 ..]);
            if (length == 0) return 0;
            return self.reference(input, start + 1, length, templates.reference_mark);
        }
        const sign = @intFromBool(char == '-');
        const first = start + sign;
        if (first >= input.len or input[first] < '0' or input[first] > '9') return 0;
        const rest = input[first..@min(input.len, first + numbers.length_max + 1)];
        const length = numbers.scan(rest);
        if (length > 0) return self.number(input[first..][0..length], first, sign);
        if (self.syntax != .obj or sign == 1) return 0;
        const digits = integerLength(input[first..]);
        if (digits == 0) return 0;
        return self.reference(input, first, digits, templates.integer_mark);
    }

    fn reference(self: *Records, input: []const u8, first: usize, length: usize, mark: u8) Error!usize {
        var integer: u32 = 0;
        for (input[first..][0..length]) |digit| integer = integer * 10 + (digit - '0');
        try self.references.append(self.arena, integer);
        try self.scratch.append(self.arena, mark);
        return first + length;
    }

    fn number(self: *Records, text: []const u8, first: usize, sign: u32) Error!usize {
        const entry = try self.number_ids.getOrPut(self.arena, text);
        if (!entry.found_existing) {
            const parsed = numbers.parse(text) orelse {
                self.number_ids.removeByPtr(entry.key_ptr);
                return 0;
            };
            entry.value_ptr.* = @intCast(self.numbers.items.len);
            try self.numbers.append(self.arena, parsed);
        }
        try self.signed.append(self.arena, entry.value_ptr.* * 2 + sign);
        try self.scratch.append(self.arena, templates.number_mark);
        return first + text.len;
    }
};

/// The length of an integer that is written in the one usual way, 0 where there is none.
fn integerLength(text: []const u8) usize {
    var length: usize = 0;
    while (length < text.len and length <= digits_max and std.ascii.isDigit(text[length])) length += 1;
    if (length == 0 or length > digits_max) return 0;
    if (text[0] == '0' and length > 1) return 0;
    return length;
}

/// Directly after these a digit belongs to a word, a date or a longer number.
fn isValueChar(char: u8) bool {
    return std.ascii.isAlphanumeric(char) or char == '_' or char == '.' or char == '-' or char == '#';
}

test "values leave their template, text stays" {
    var arena = std.heap.ArenaAllocator.init(std.testing.allocator);
    defer arena.deinit();
    const parsed = try Records.parse(arena.allocator(), .step, "A 2022-07-26T11:06.5;\r\n" ++
        "#12=P('NONE',(-0.5,0.5,#012,#7,3));#13=P('NONE',(0.5,0.5,#012,#8,3));rest 1.5.5");
    try std.testing.expectEqualSlices(u32, &.{ 0, 1, 1, 2 }, parsed.records.items);
    try std.testing.expectEqualStrings("\x01=P('NONE',(\x02,\x02,#012,\x01,3));", parsed.texts.items[1]);
    try std.testing.expectEqualStrings("rest \x02.5", parsed.texts.items[2]);
    try std.testing.expectEqualSlices(u32, &.{ 12, 7, 13, 8 }, parsed.references.items);
    try std.testing.expectEqualSlices(u32, &.{ 1, 0, 0, 0, 2 }, parsed.signed.items);
    const obj = try Records.parse(arena.allocator(), .obj, "v 1.0 -2.0\nf 1//2 33//4\n# -1 x2 007\n");
    try std.testing.expectEqualSlices(u32, &.{ 1, 2, 33, 4 }, obj.references.items);
    try std.testing.expectEqual(3, obj.texts.items.len);
    const bad = Records.parse(arena.allocator(), .obj, "v 1.0 \x02\n");
    try std.testing.expectError(error.Unsupported, bad);
}
