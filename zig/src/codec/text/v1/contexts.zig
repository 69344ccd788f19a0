//! Where in a document a byte stands: the key or keyword that it belongs to, the place among that
//! one's values, and the words before it. These are what the next byte is predicted from.
//!
//! One tracker serves s-expressions (KiCad) and JSON; other text is tracked by its words alone.
const std = @import("std");
const Guesses = @import("guesses.zig").Guesses;

pub const count = 14;
const depth_max = 32;

const Place = struct { head: u32 = 0, index: u32 = 0, expects_head: bool = false };

pub const Tracker = struct {
    /// The last eight bytes, the newest lowest.
    recent: u64 = 0,
    word: u32 = 0,
    previous_word: u32 = 0,
    word_before: u32 = 0,
    place: Place = .{},
    stack: [depth_max]Place = @splat(.{}),
    depth: usize = 0,
    in_string: bool = false,
    string: u32 = 0,
    last_string: u32 = 0,
    last_visible: u8 = 0,
    guesses: Guesses = .{},
    /// What this place held when it was last filled, one entry a hashed place.
    values: [4096]u32 = @splat(0),

    pub fn push(self: *Tracker, byte: u8) void {
        self.recent = self.recent << 8 | byte;
        if (isWord(byte)) {
            self.word = mix(self.word, byte);
            self.guesses.push(byte);
        } else if (byte == '-') {
            self.guesses.push(byte);
        } else {
            if (self.word != 0) self.endWord();
            self.structure(byte);
            self.guesses.begin(self.where(), self.place.index);
        }
        if (self.in_string) self.string = mix(self.string, byte);
        if (byte > ' ') self.last_visible = byte;
    }

    fn endWord(self: *Tracker) void {
        self.guesses.end(self.where(), self.place.index);
        if (self.place.expects_head) {
            self.place = .{ .head = mix(self.word, 1), .index = 0 };
        } else {
            self.values[self.slot()] = self.word;
        }
        self.word_before = self.previous_word;
        self.previous_word = self.word;
        self.word = 0;
    }

    fn structure(self: *Tracker, byte: u8) void {
        switch (byte) {
            '(' => {
                self.stack[self.depth % depth_max] = self.place;
                self.depth +%= 1;
                self.place = .{ .expects_head = true };
            },
            ')' => {
                self.depth -|= 1;
                self.place = self.stack[self.depth % depth_max];
                self.place.index += 1;
            },
            '"' => self.quote(),
            ':' => if (!self.in_string) {
                self.place = .{ .head = mix(self.last_string, 2) };
            },
            ' ', '~', ',' => self.place.index += 1,
            '\n' => if (self.depth == 0) {
                self.place = .{ .expects_head = true };
            },
            else => {},
        }
    }

    fn quote(self: *Tracker) void {
        self.in_string = !self.in_string;
        if (!self.in_string) {
            self.last_string = self.string;
            return;
        }
        self.string = 0;
        // A string in a list of JSON begins with what kind of record it is; one after a key, or
        // in an s-expression, is a value.
        if (self.depth == 0 and self.last_visible != ':') {
            self.place = .{ .head = 3, .expects_head = true };
        }
    }

    /// A number for the place, and within it for what has been written there so far.
    pub fn where(self: *const Tracker) u32 {
        return mix(self.place.head, @as(u32, @min(self.place.index, 40)) + 64);
    }

    fn slot(self: *const Tracker) usize {
        return self.where() >> 20;
    }

    /// A hash for each context.
    pub fn hashes(self: *const Tracker, result: *[count]u32) void {
        const here = self.where();
        const last: u8 = @truncate(self.recent);
        const value = self.values[self.slot()];
        const drawn = @as(u32, self.guesses.shape.expected()) << 8 | self.guesses.shape_hits;
        const turned = @as(u32, self.guesses.turn.expected()) << 8 | self.guesses.turn_hits;
        const counted = @as(u32, self.guesses.series.expected()) << 8 | self.guesses.series_hits;
        result.* = .{
            last,
            @as(u16, @truncate(self.recent)),
            @as(u24, @truncate(self.recent)),
            @as(u32, @truncate(self.recent)),
            mix(turned, here),
            self.word,
            mix(self.word, self.previous_word),
            mix(mix(self.word, self.previous_word), self.word_before),
            mix(mix(here, self.word), last),
            mix(mix(mix(here, self.word), last), value),
            mix(mix(mix(here, self.word), last), self.previous_word),
            mix(mix(self.place.head, self.word), value),
            mix(drawn, here),
            mix(counted, here),
        };
        for (result, 1..) |*hash, salt| hash.* = mix(hash.*, @intCast(salt * 0x3d4d51));
    }
};

pub fn mix(a: u32, b: u32) u32 {
    const product = (a +% 0x9e3779b9) *% 0x2c1b3c6d ^ (b +% 0x7f4a7c15) *% 0x297a2d39;
    return (product ^ (product >> 15)) *% 0x85ebca6b;
}

/// Digits and points make numbers, so that a number is one word; its sign is not part of it, since
/// drawings are symmetric.
fn isWord(byte: u8) bool {
    return switch (byte) {
        'a'...'z', 'A'...'Z', '0'...'9', '.', '+', '_', 0x80...0xff => true,
        else => false,
    };
}

test "a value's place is known by its keyword or key" {
    var lists: Tracker = .{};
    for ("(pad \"1\" smd (at 1.5 2") |byte| lists.push(byte);
    const at_second = lists.where();
    for (") (size 3 4) (at 7 8") |byte| lists.push(byte);
    try std.testing.expectEqual(at_second, lists.where());
    for ("9 ") |byte| lists.push(byte);
    try std.testing.expect(at_second != lists.where());
    var json: Tracker = .{};
    for ("{\"price\":1.5,\"stock\":\"x") |byte| json.push(byte);
    const stock = json.where();
    for ("\",\"price\":2,\"stock\":7") |byte| json.push(byte);
    try std.testing.expectEqual(stock, json.where());
    for (0..1000) |_| lists.push(')');
    for (0..1000) |_| lists.push('(');
}
