//! The container that a file becomes: five sections, each of one nature, for a general compressor.
const std = @import("std");
const bytes = @import("bytes.zig");
const Error = bytes.Error;

pub const Section = enum(u8) {
    /// Counts, and the templates' text.
    text = 0,
    /// Which template each record has, and the numbers that records define.
    records = 1,
    references = 2,
    /// A token for every number.
    tokens = 3,
    /// The table of distinct numbers, and the places of rare ones.
    numbers = 4,
};

const count = std.enums.values(Section).len;
const head_size = 4 * count;

pub const Writers = struct {
    sections: [count]bytes.Writer,

    pub fn init(gpa: std.mem.Allocator) Writers {
        return .{ .sections = @splat(.{ .gpa = gpa }) };
    }

    pub fn of(self: *Writers, section: Section) *bytes.Writer {
        return &self.sections[@backingInt(section)];
    }

    /// The container in `output`, whose length is returned; null where it does not fit.
    pub fn join(self: *const Writers, output: []u8) ?usize {
        var at: usize = head_size;
        for (self.sections) |section| at += section.list.items.len;
        if (at > output.len or at > std.math.maxInt(u32)) return null;
        at = head_size;
        for (self.sections, 0..) |section, index| {
            const data = section.list.items;
            std.mem.writeInt(u32, output[4 * index ..][0..4], @intCast(data.len), .little);
            @memcpy(output[at..][0..data.len], data);
            at += data.len;
        }
        return at;
    }
};

pub const Readers = struct {
    sections: [count]bytes.Reader,

    pub fn split(input: []const u8) Error!Readers {
        var whole: bytes.Reader = .{ .data = input };
        const head = try whole.take(head_size);
        var self: Readers = undefined;
        for (&self.sections, 0..) |*section, index| {
            const size = std.mem.readInt(u32, head[4 * index ..][0..4], .little);
            section.* = .{ .data = try whole.take(size) };
        }
        try whole.end();
        return self;
    }

    pub fn of(self: *Readers, section: Section) *bytes.Reader {
        return &self.sections[@backingInt(section)];
    }

    pub fn end(self: *const Readers) Error!void {
        for (self.sections) |section| try section.end();
    }
};

test "sections come back, and a cut container is refused" {
    var writers = Writers.init(std.testing.allocator);
    defer for (&writers.sections) |*section| section.list.deinit(std.testing.allocator);
    try writers.of(.text).bytes("abc");
    try writers.of(.numbers).bytes("de");
    var buffer: [64]u8 = undefined;
    const length = writers.join(&buffer).?;
    try std.testing.expectEqual(null, writers.join(buffer[0 .. length - 1]));
    var readers = try Readers.split(buffer[0..length]);
    try std.testing.expectEqualStrings("abc", try readers.of(.text).take(3));
    try std.testing.expectEqualStrings("de", try readers.of(.numbers).take(2));
    try readers.end();
    try std.testing.expectError(error.Damaged, Readers.split(buffer[0 .. length - 1]));
}
