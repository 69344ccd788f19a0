//! Finds where the last bytes last stood: the text may go on as it did there.
const std = @import("std");

/// Suffixes of these lengths are remembered; the longest known goes first.
const lengths = [_]usize{ 20, 11, 6 };
const table_bits = 16;
const length_max = 400;

pub const Matcher = struct {
    tables: [lengths.len][1 << table_bits]u32,
    /// What is expected next is at `at`, if `length` is not 0.
    at: usize = 0,
    /// How many bytes before are the same.
    length: usize = 0,

    pub fn init(self: *Matcher) void {
        self.* = .{ .tables = @splat(@splat(0)) };
    }

    /// After each byte, whether or not it was the expected one; `history` ends with it.
    pub fn push(self: *Matcher, history: []const u8) void {
        if (self.length > 0) {
            if (history[self.at] == history[history.len - 1]) {
                self.at += 1;
                self.length = @min(self.length + 1, length_max);
            } else self.length = 0;
        }
        for (lengths, &self.tables) |length, *table| {
            if (history.len < length) continue;
            const entry = &table[keyOf(history[history.len - length ..])];
            // A longer suffix may be known elsewhere than where the shorter one led.
            if (self.length < length) self.follow(history, entry.*, length);
            entry.* = @intCast(history.len);
        }
    }

    fn follow(self: *Matcher, history: []const u8, candidate: usize, least: usize) void {
        if (candidate == 0) return;
        var length: usize = 0;
        while (length < @min(candidate, 32) and
            history[candidate - 1 - length] == history[history.len - 1 - length]) length += 1;
        if (length < least or length <= self.length) return;
        self.at = candidate;
        self.length = length;
    }

    fn keyOf(suffix: []const u8) usize {
        var hash: u64 = suffix.len;
        for (suffix) |byte| hash = (hash +% byte +% 1) *% 0x9e3779b97f4a7c15;
        return @intCast(hash >> (64 - table_bits));
    }
};

test "a text is expected to go on as before" {
    var matcher: Matcher = undefined;
    matcher.init();
    const text = "the quick brown fox; the quick brown dog; the quick brown dog";
    for (1..text.len) |end| matcher.push(text[0..end]);
    try std.testing.expectEqual('g', text[matcher.at]);
    try std.testing.expectEqual(text.len - 22, matcher.at);
    try std.testing.expect(matcher.length >= 20);
}
