//! Where in a document a byte stands: the key or keyword that it belongs to, the place among that
//! one's values, and the words before it. These are what the next byte is predicted from.
//!
//! One tracker serves s-expressions (KiCad) and JSON; other text is tracked by its words alone.
const std = @import("std");
const Copies = @import("copies.zig").Copies;
const Guess = @import("guesses.zig").Guess;
const Guesses = @import("guesses.zig").Guesses;

pub const count = 25;
pub const certainties = 54;
const depth_max = 32;

const Place = struct { head: u32 = 0, index: u32 = 0, expects_head: bool = false };

pub const Tracker = struct {
    /// The last eight bytes, the newest lowest.
    recent: u64 = 0,
    word: u32 = 0,
    /// The last letter that followed none in this word, and whether the last byte is a letter.
    letter_at: u32 = 0,
    after_letter: bool = false,
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
    copies: Copies = .{},
    string_place: u32 = 0,
    string_before: u32 = 0,
    /// Where what followed a beginning of a word stood last, by the beginning's hash.
    followers: [4096]u32 = @splat(0),
    words: [6]u32 = @splat(0),
    /// What this place held when it was last filled, and before, one entry a hashed place.
    values: [4096][2]u32 = @splat(.{ 0, 0 }),

    /// A text begins, whatever was open in the one before.
    pub fn begin(self: *Tracker) void {
        self.in_string = false;
        self.depth = 0;
        self.place = .{ .expects_head = true };
        self.guesses.document();
    }

    /// After each byte; `history` ends with it.
    pub fn push(self: *Tracker, history: []const u8) void {
        const byte = history[history.len - 1];
        if (self.word != 0) self.followers[self.word >> 20] = @intCast(history.len - 1);
        self.recent = self.recent << 8 | byte;
        if (isWord(byte)) {
            if (std.ascii.isAlphabetic(byte) and !self.after_letter and self.depth == 0) self.letter(byte);
            self.after_letter = std.ascii.isAlphabetic(byte);
            self.word = mix(self.word, byte);
            if (!self.after_letter) self.guesses.push(byte);
        } else if (byte == '-') {
            self.guesses.push(byte);
        } else {
            if (self.word != 0) self.endWord();
            self.structure(byte, history.len);
            self.after_letter = false;
            self.letter_at = 0;
            self.guesses.begin(self.where(), self.place.index);
        }
        if (self.in_string and byte != '"') self.string = mix(self.string, byte);
        if (self.in_string) self.copies.push(history);
        if (byte > ' ') self.last_visible = byte;
    }

    /// A letter within a word: a number may begin after it, as in a path or a name.
    fn letter(self: *Tracker, byte: u8) void {
        self.guesses.end(self.numberPlace(), self.place.index, false);
        self.letter_at = byte;
        self.guesses.begin(self.numberPlace(), self.place.index);
    }

    /// Where a number stands: after which letter, if it follows one.
    fn numberPlace(self: *const Tracker) u32 {
        return if (self.letter_at == 0) self.where() else mix(self.where(), self.letter_at);
    }

    fn endWord(self: *Tracker) void {
        self.guesses.end(self.numberPlace(), self.place.index, self.place.head == at_head);
        if (self.place.expects_head) {
            self.place = .{ .head = mix(self.word, 1), .index = 0 };
        } else {
            self.values[self.slot()] = .{ self.word, self.values[self.slot()][0] };
            if (self.place.head == text_head and self.place.index == 1) self.place.head = mix(self.place.head, self.word);
        }
        std.mem.copyBackwards(u32, self.words[1..], self.words[0 .. self.words.len - 1]);
        self.words[0] = self.word;
        self.word_before = self.previous_word;
        self.previous_word = self.word;
        self.word = 0;
    }

    fn structure(self: *Tracker, byte: u8, at: usize) void {
        switch (byte) {
            '(' => if (!self.in_string) {
                if (self.depth == 0) self.guesses.document();
                self.stack[self.depth % depth_max] = self.place;
                self.depth +%= 1;
                self.place = .{ .expects_head = true };
            },
            ')' => if (!self.in_string) {
                self.depth -|= 1;
                self.place = self.stack[self.depth % depth_max];
                self.place.index += 1;
            },
            '"' => self.quote(at),
            ':' => if (!self.in_string) {
                self.place = .{ .head = mix(self.last_string, 2) };
            },
            ' ', '~', ',' => self.place.index += 1,
            '\n' => {
                // No string goes on in another line; a piece of a text may end within one.
                self.in_string = false;
                if (self.depth == 0) self.place = .{ .expects_head = true };
            },
            else => {},
        }
    }

    fn quote(self: *Tracker, at: usize) void {
        self.in_string = !self.in_string;
        if (!self.in_string) {
            self.string_before = self.last_string;
            self.last_string = self.string;
            if (!self.place.expects_head) self.copies.end(self.string_place, self.string);
            if (self.place.head == property_head and self.place.index == 1) self.place.head = mix(property_head, self.string);
            return;
        }
        self.string = 0;
        // A string in a list of JSON begins with what kind of record it is; one after a key, or
        // in an s-expression, is a value.
        if (self.depth == 0 and self.last_visible != ':') {
            self.place = .{ .head = 3, .expects_head = true };
        } else {
            self.string_place = self.where();
            self.copies.begin(self.string_place, @intCast(at));
        }
    }

    /// A number for the place, and within it for what has been written there so far.
    pub fn where(self: *const Tracker) u32 {
        return mix(self.place.head, @as(u32, @min(self.place.index, 40)) + 64);
    }

    fn slot(self: *const Tracker) usize {
        return self.where() >> 20;
    }

    /// The last byte.
    pub fn previous(self: *const Tracker) u8 {
        return @truncate(self.recent);
    }

    /// How much the guesses of numbers tell of the next byte.
    pub fn certainty(self: *const Tracker) usize {
        const guesses = &self.guesses;
        var result: usize = 0;
        for ([_]*const Guess{ &guesses.shape, &guesses.series, &guesses.linked[0] }) |guess| {
            const own: usize = if (guess.agrees) 1 + @as(usize, @intFromBool(guess.hits > 0)) else 0;
            result = result * 3 + own;
        }
        return result * 2 + @intFromBool(guesses.turn.agrees and guesses.turn.hits > 0);
    }

    /// What followed the same beginning of a word last.
    fn followed(self: *const Tracker, history: []const u8) u32 {
        const at = self.followers[self.word >> 20];
        return if (self.word == 0 or at == 0) 0 else @as(u32, history[at]) << 1 | 1;
    }

    /// A hash for each context.
    pub fn hashes(self: *const Tracker, history: []const u8, result: *[count]u32) void {
        const here = self.where();
        const last: u8 = @truncate(self.recent);
        const values = self.values[self.slot()];
        const guesses = &self.guesses;
        const drawn = guesses.shape.expected();
        const turned = guesses.turn.expected();
        const counted = guesses.series.expected();
        const linked = guesses.linked[0].expected();
        const started = mix(mix(here, self.word), last);
        result.* = .{
            last,
            @as(u16, @truncate(self.recent)),
            @as(u24, @truncate(self.recent)),
            @as(u32, @truncate(self.recent)),
            mix(turned, here),
            self.word,
            mix(self.word, self.previous_word),
            mix(mix(self.word, self.previous_word), self.word_before),
            started,
            mix(started, values[0]),
            mix(started, self.previous_word),
            mix(mix(self.place.head, self.word), values[0]),
            mix(drawn, here),
            mix(counted, here),
            mix(linked, here),
            mix(mix(linked, guesses.linked[1].expected()), mix(drawn, counted)),
            mix(self.copies.expected(history), here),
            mix(started, self.string_before),
            mix(started, self.words[1]),
            mix(started, self.words[3]),
            mix(mix(started, values[0]), values[1]),
            if (self.depth > 0) mix(mix(self.word, self.place.index & 1), last) else mix(started, guesses.coarse),
            if (self.depth > 0) mix(mix(started, self.words[1]), self.words[0]) else mix(mix(started, guesses.coarse >> 2), guesses.ratio),
            mix(self.followed(history), here),
            mix(@truncate(self.recent), @as(u16, @truncate(self.recent >> 32))),
        };
        for (result, 1..) |*hash, salt| hash.* = mix(hash.*, @intCast(salt * 0x3d4d51));
    }
};

/// The heads whose first value tells what kind of list it is, and the one whose numbers are places.
const property_head = headOf("property");
const text_head = headOf("fp_text");
const at_head = headOf("at");

fn headOf(name: []const u8) u32 {
    var word: u32 = 0;
    for (name) |byte| word = mix(word, byte);
    return mix(word, 1);
}

pub fn mix(a: u32, b: u32) u32 {
    const product = (a +% 0x9e3779b9) *% 0x2c1b3c6d ^ (b +% 0x7f4a7c15) *% 0x297a2d39;
    return (product ^ (product >> 15)) *% 0x85ebca6b;
}

/// Digits and points make numbers, so that a number is one word; its sign is not part of it, since
/// drawings are symmetric.
fn isWord(byte: u8) bool {
    return switch (byte) {
        'a'...'z', 'A'...'Z', '0'...'9', '.', '+', '_', 0x80...0xff, 4...7 => true,
        else => false,
    };
}

/// Has `tracker` read `text`, after `before`.
fn read(tracker: *Tracker, comptime before: []const u8, comptime text: []const u8) void {
    const all = before ++ text;
    for (before.len + 1..all.len + 1) |end| tracker.push(all[0..end]);
}

test "a value's place is known by its keyword or key" {
    var lists: Tracker = .{};
    const start = "(pad \"1\" smd (at 1.5 2";
    read(&lists, "", start);
    const at_second = lists.where();
    read(&lists, start, ") (size 3 4) (at 7 8");
    try std.testing.expectEqual(at_second, lists.where());
    read(&lists, start, "9 ");
    try std.testing.expect(at_second != lists.where());
    var json: Tracker = .{};
    const record = "{\"price\":1.5,\"stock\":\"x";
    read(&json, "", record);
    const stock = json.where();
    read(&json, record, "\",\"price\":2,\"stock\":7");
    try std.testing.expectEqual(stock, json.where());
    json.begin();
    for ([_]u8{ ')', '(' }) |byte| {
        for (0..1000) |_| json.push(&.{byte});
    }
}

test "a property's place is known by its name, and a path's numbers by their letters" {
    var lists: Tracker = .{};
    const first = "(property \"LCSC\" \"";
    read(&lists, "", first);
    const code = lists.where();
    const second = first ++ "C1\")\n (property \"Datasheet\" \"";
    read(&lists, first, second[first.len..]);
    try std.testing.expect(code != lists.where());
    read(&lists, second, "x\")\n (property \"LCSC\" \"");
    try std.testing.expectEqual(code, lists.where());
    var path: Tracker = .{};
    const pin = "\"P~M230,225h10\",";
    read(&path, "", pin ++ pin ++ "\"P~M240,235h");
    try std.testing.expectEqualStrings("10", path.guesses.series.text[0..path.guesses.series.length]);
}
