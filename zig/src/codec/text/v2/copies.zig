//! Strings that repeat another of the same document: which place repeats which is learned.
const std = @import("std");

const size = 1024;
const hits_max = 15;

const Place = struct {
    /// Where the last string at this place begins.
    start: u32 = 0,
    /// The place whose string this one was last equal to, and how often in a row.
    source: u16 = 0,
    hits: u8 = 0,
};
const Owner = struct { hash: u32 = 0, place: u16 = 0 };

pub const Copies = struct {
    places: [size]Place = @splat(.{}),
    /// Which place a string stood at last, by the string's hash.
    owners: [size]Owner = @splat(.{}),
    /// Where the string begins that this one should be equal to; 0 where none is known.
    from: u32 = 0,
    hits: u8 = 0,
    start: u32 = 0,
    agrees: bool = false,

    /// A string begins at `at` in the text.
    pub fn begin(self: *Copies, place: u32, at: u32) void {
        const known = self.places[place >> 22];
        self.from = self.places[known.source].start;
        self.hits = known.hits;
        self.start = at;
        self.agrees = self.from > 0 and self.from < at and known.source > 0;
    }

    /// A byte within the string came.
    pub fn push(self: *Copies, history: []const u8) void {
        const at = history.len - 1;
        if (self.agrees and at >= self.start and history[self.from + (at - self.start)] != history[at]) self.agrees = false;
    }

    /// The string that began at `place` ends, with this hash.
    pub fn end(self: *Copies, place: u32, hash: u32) void {
        self.agrees = false;
        const own: u16 = @intCast(place >> 22);
        const owner = &self.owners[hash >> 22];
        const known = &self.places[own];
        known.start = self.start;
        if (owner.hash == hash and owner.place != own) {
            known.hits = if (known.source == owner.place) @min(known.hits + 1, hits_max) else 0;
            known.source = owner.place;
        } else known.hits /= 2;
        owner.* = .{ .hash = hash, .place = own };
    }

    /// The byte that should come next, and how sure that is; 0 where nothing is known.
    pub fn expected(self: *const Copies, history: []const u8) u32 {
        if (!self.agrees) return 0;
        const at = self.from + (history.len - self.start);
        if (at >= history.len) return 0;
        const typed: u32 = @intCast(@min(history.len - self.start, 3));
        return @as(u32, history[at]) << 8 | @as(u32, self.hits) << 4 | typed << 1 | 1;
    }
};

test "a place that repeats another's string is learned" {
    var copies: Copies = .{};
    const text = "aab\"aab\"xyz\"xyz\"tuv\"tuv\"";
    const places = [_]u32{ 1 << 22, 2 << 22 };
    var at: u32 = 0;
    for (0..6) |number| {
        copies.begin(places[number & 1], at);
        const next: u32 = if (number == 5) 't' else 0;
        if (number == 5) try std.testing.expectEqual(next, copies.expected(text[0..at]) >> 8);
        if (number == 0) try std.testing.expectEqual(0, copies.expected(text[0..at]));
        for (0..3) |_| {
            at += 1;
            copies.push(text[0..at]);
        }
        if (number == 5) try std.testing.expect(copies.agrees);
        copies.end(places[number & 1], 7 + @as(u32, @intCast(number / 2)) << 22);
        at += 1;
    }
}
