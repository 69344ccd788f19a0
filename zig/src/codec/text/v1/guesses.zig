//! Guesses of the next number in a text: drawings repeat shapes elsewhere, and lists count up.
//!
//! Numbers are decimal with at most six places; a guess is the text that the number would have,
//! without needless zeros, which is how CAD formats write.
const std = @import("std");

const scale = 1_000_000;
const value_max = 1_000_000_000_000_000;
const text_max = 24;
const table_size = 4096;
const turns_size = 1024;

/// What a guess says of the next byte.
pub const Guess = struct {
    text: [text_max]u8 = undefined,
    length: usize = 0,
    /// How many bytes of the number stand already.
    at: usize = 0,
    /// All of them were guessed.
    agrees: bool = false,

    /// The byte that should come next, 0 for the end of the number, 1 where the guess is wrong.
    pub fn expected(self: *const Guess) u8 {
        if (!self.agrees) return 1;
        return if (self.at < self.length) self.text[self.at] else 0;
    }

    fn push(self: *Guess, byte: u8) void {
        self.agrees = self.agrees and self.at < self.length and self.text[self.at] == byte;
        self.at += 1;
    }

    fn set(self: *Guess, value: i64) void {
        self.at = 0;
        self.agrees = @abs(value) <= value_max;
        self.length = if (self.agrees) print(value, &self.text) else 0;
    }

    fn clear(self: *Guess) void {
        self.agrees = false;
    }
};

const Step = struct { key: u32 = 0, step: i64 = 0, hits: u8 = 0 };
const Turn = struct { key: u32 = 0, next: [2]i64 = .{ 0, 0 }, hits: u8 = 0 };
const Series = struct { last: i64 = 0, step: i64 = 0, hits: u8 = 0 };

pub const Guesses = struct {
    /// From the steps before this one, as they occurred earlier: a shape drawn again elsewhere.
    shape: Guess = .{},
    /// From the number at the same place in the record before, and the one before that.
    series: Guess = .{},
    /// From the last step between two points, and what followed such a step in any direction: the
    /// corners of an outline are alike, each turned by a quarter.
    turn: Guess = .{},
    /// How often each has been right, up to 3.
    shape_hits: u8 = 0,
    series_hits: u8 = 0,
    turn_hits: u8 = 0,

    number: i64 = 0,
    digits: u32 = 0,
    places: u32 = 0,
    negative: bool = false,
    after_point: bool = false,
    is_number: bool = false,

    /// The last two numbers, and the last two steps, each from the number before the last.
    before: [2]i64 = .{ 0, 0 },
    steps: [2]i64 = .{ 0, 0 },
    shapes: [table_size]Step = @splat(.{}),
    serials: [table_size]Series = @splat(.{}),
    /// The last point, the first half of the next one, the last step, and the point guessed.
    point: [2]i64 = .{ 0, 0 },
    half: i64 = 0,
    last_step: [2]i64 = .{ 0, 0 },
    guessed: ?[2]i64 = null,
    turns: [turns_size]Turn = @splat(.{}),

    /// A byte within a word.
    pub fn push(self: *Guesses, byte: u8) void {
        self.shape.push(byte);
        self.series.push(byte);
        self.turn.push(byte);
        switch (byte) {
            '-' => {
                if (self.digits > 0 or self.negative) self.is_number = false;
                self.negative = true;
            },
            '.' => {
                if (self.digits == 0 or self.after_point) self.is_number = false;
                self.after_point = true;
            },
            '0'...'9' => {
                self.digits += 1;
                self.number = self.number *% 10 +% (byte - '0');
                if (self.after_point) self.places += 1;
                if (self.digits > 14 or self.places > 6) self.is_number = false;
            },
            else => self.is_number = false,
        }
    }

    /// The end of a word that stood at `place`, as a list's n-th.
    pub fn end(self: *Guesses, place: u32, n: u32) void {
        if (!self.is_number or self.digits == 0) return;
        // Nine digits before the point and six after it stay far below 2^63.
        if (self.digits - self.places > 9) return;
        var value = self.number;
        for (self.places..6) |_| value *= 10;
        if (self.negative) value = -value;
        if (n & 1 == 1) self.half = value else self.endPoint(.{ self.half, value });
        const step = value - self.before[0];
        const shape = self.shapeOf();
        if (shape.key != self.shapeKey()) shape.* = .{ .key = self.shapeKey() };
        shape.hits = if (shape.step == step) @min(shape.hits + 1, 3) else 0;
        shape.step = step;
        self.before = .{ self.before[1], value };
        self.steps = .{ self.steps[1], step };
        const series = &self.serials[place >> 20];
        const serial_step = value - series.last;
        series.hits = if (series.step == serial_step) @min(series.hits + 1, 3) else 0;
        series.* = .{ .last = value, .step = serial_step, .hits = series.hits };
    }

    fn endPoint(self: *Guesses, point: [2]i64) void {
        const step: [2]i64 = .{ point[0] - self.point[0], point[1] - self.point[1] };
        const quarter = quarterOf(self.last_step);
        const key = turnKey(turned(self.last_step, quarter));
        const turn = &self.turns[key >> 22];
        if (turn.key != key) turn.* = .{ .key = key };
        const next = turned(step, quarter);
        const near = @abs(turn.next[0] - next[0]) <= 2 and @abs(turn.next[1] - next[1]) <= 2;
        turn.hits = if (near) @min(turn.hits + 1, 3) else 0;
        turn.next = next;
        self.point = point;
        self.last_step = step;
        self.guess();
    }

    /// Guesses the next point from the last step.
    fn guess(self: *Guesses) void {
        const quarter = quarterOf(self.last_step);
        const key = turnKey(turned(self.last_step, quarter));
        const turn = self.turns[key >> 22];
        self.guessed = null;
        if (turn.key != key) return;
        const step = turned(turn.next, 0 -% quarter);
        self.guessed = .{ self.point[0] + step[0], self.point[1] + step[1] };
        self.turn_hits = turn.hits;
    }

    /// A new word may begin, at `place`, as a list's n-th.
    pub fn begin(self: *Guesses, place: u32, n: u32) void {
        if (self.guessed) |point| self.turn.set(point[1 - (n & 1)]) else self.turn.clear();
        self.number = 0;
        self.digits = 0;
        self.places = 0;
        self.negative = false;
        self.after_point = false;
        self.is_number = true;
        const shape = self.shapeOf();
        self.shape_hits = shape.hits;
        if (shape.key == self.shapeKey()) self.shape.set(self.before[0] + shape.step) else self.shape.clear();
        const series = self.serials[place >> 20];
        self.series_hits = series.hits;
        self.series.set(series.last + series.step);
    }

    fn shapeKey(self: *const Guesses) u32 {
        const first: u64 = @bitCast(self.steps[0]);
        const second: u64 = @bitCast(self.steps[1]);
        const mixed = (first *% 0x9e3779b97f4a7c15) ^ (second *% 0xc2b2ae3d27d4eb4f);
        return @truncate((mixed *% 0x9e3779b97f4a7c15) >> 32);
    }

    fn shapeOf(self: *Guesses) *Step {
        return &self.shapes[self.shapeKey() >> 20];
    }
};

/// Which quarter a step points to, counted from the x axis.
fn quarterOf(step: [2]i64) u2 {
    if (@abs(step[0]) >= @abs(step[1])) return if (step[0] >= 0) 0 else 2;
    return if (step[1] > 0) 1 else 3;
}

/// A step turned back by some quarters.
fn turned(step: [2]i64, quarter: u2) [2]i64 {
    return switch (quarter) {
        0 => step,
        1 => .{ step[1], -step[0] },
        2 => .{ -step[0], -step[1] },
        3 => .{ -step[1], step[0] },
    };
}

/// The same for steps that differ by the rounding of their ends only, mostly.
fn turnKey(step: [2]i64) u32 {
    const across: u64 = @bitCast((step[0] + 8) >> 4);
    const along: u64 = @bitCast((step[1] + 8) >> 4);
    const mixed = (across *% 0x9e3779b97f4a7c15) ^ (along *% 0xc2b2ae3d27d4eb4f);
    return @truncate((mixed *% 0x9e3779b97f4a7c15) >> 32);
}

fn print(value: i64, buffer: *[text_max]u8) usize {
    var at: usize = 0;
    if (value < 0) {
        buffer[0] = '-';
        at = 1;
    }
    const magnitude = @abs(value);
    at += std.fmt.printInt(buffer[at..], magnitude / scale, 10, .lower, .{});
    var rest = magnitude % scale;
    if (rest == 0) return at;
    buffer[at] = '.';
    at += 1;
    var unit: u64 = scale / 10;
    while (rest > 0) : (unit /= 10) {
        buffer[at] = '0' + @as(u8, @intCast(rest / unit));
        at += 1;
        rest %= unit;
    }
    return at;
}

test "numbers are printed as CAD formats write them" {
    var buffer: [text_max]u8 = undefined;
    for ([_]i64{ 0, -500_000, 1_270_000, 12_000_001, -42_000_000 }, [_][]const u8{ "0", "-0.5", "1.27", "12.000001", "-42" }) |value, text| {
        try std.testing.expectEqualStrings(text, buffer[0..print(value, &buffer)]);
    }
}

test "a series and a shape drawn again are guessed" {
    var guesses: Guesses = .{};
    guesses.begin(7, 0);
    const points = "1 1 2 1.5 3.25 4 0 5 100 50 101 50.5 ";
    for (points) |byte| if (byte == ' ') {
        guesses.end(7, 0);
        guesses.begin(7, 0);
    } else guesses.push(byte);
    try std.testing.expect(guesses.shape.agrees);
    try std.testing.expectEqualStrings("102.25", guesses.shape.text[0..guesses.shape.length]);
    var series: Guesses = .{};
    series.begin(9, 0);
    for ("3 5 ") |byte| if (byte == ' ') {
        series.end(9, 0);
        series.begin(9, 0);
    } else series.push(byte);
    try std.testing.expectEqualStrings("7", series.series.text[0..series.series.length]);
    series.push('8');
    try std.testing.expect(!series.series.agrees);
    for ("99999999999999 1.2345678 -.5 -- 5-5 1.2.3 ") |byte| if (byte == ' ') {
        series.end(9, 0);
        series.begin(9, 0);
    } else series.push(byte);
}

test "a corner turned by a quarter is guessed" {
    var guesses: Guesses = .{};
    guesses.begin(7, 1);
    var n: u32 = 1;
    // Steps (4, 1), (3, 2), a long way, and the same turned: (-1, 4), (-2, 3).
    for ("0 0 4 1 7 3 50 50 49 54 ") |byte| if (byte == ' ') {
        guesses.end(7, n);
        n = 3 - n;
        guesses.begin(7, n);
    } else guesses.push(byte);
    try std.testing.expect(guesses.turn.agrees);
    try std.testing.expectEqualStrings("47", guesses.turn.text[0..guesses.turn.length]);
    for ([_]u2{ 0, 1, 2, 3 }) |quarter| {
        const step: [2]i64 = .{ 5, -3 };
        try std.testing.expectEqual(step, turned(turned(step, quarter), 0 -% quarter));
    }
}
