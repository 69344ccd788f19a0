//! Binary arithmetic coding with 16-bit chances: one bit costs what its chance says, and no more.
const std = @import("std");

/// Chances are of a one, from 1 to 65535 in 1/65536.
pub const Encoder = struct {
    output: []u8,
    at: usize = 0,
    low: u32 = 0,
    high: u32 = 0xffffffff,
    full: bool = false,

    pub fn bit(self: *Encoder, value: u1, chance: u16) void {
        const middle = split(self.low, self.high, chance);
        if (value == 1) self.high = middle else self.low = middle + 1;
        while ((self.low ^ self.high) < 1 << 24) {
            self.put(@truncate(self.high >> 24));
            self.low <<= 8;
            self.high = self.high << 8 | 0xff;
        }
    }

    /// Ends the stream; its length, or null where it does not fit.
    pub fn finish(self: *Encoder) ?usize {
        // Zero bytes beyond the end are read as such, so that one byte within the range is enough.
        if (self.low > 0) self.put(@truncate((self.low >> 24) + 1));
        while (self.at > 0 and self.output[self.at - 1] == 0) self.at -= 1;
        return if (self.full) null else self.at;
    }

    fn put(self: *Encoder, value: u8) void {
        if (self.at == self.output.len) {
            self.full = true;
            return;
        }
        self.output[self.at] = value;
        self.at += 1;
    }
};

pub const Decoder = struct {
    input: []const u8,
    at: usize = 0,
    low: u32 = 0,
    high: u32 = 0xffffffff,
    value: u32 = 0,

    pub fn init(input: []const u8) Decoder {
        var self: Decoder = .{ .input = input };
        for (0..4) |_| self.take();
        return self;
    }

    pub fn bit(self: *Decoder, chance: u16) u1 {
        const middle = split(self.low, self.high, chance);
        const value: u1 = @intFromBool(self.value <= middle);
        if (value == 1) self.high = middle else self.low = middle + 1;
        while ((self.low ^ self.high) < 1 << 24) {
            self.low <<= 8;
            self.high = self.high << 8 | 0xff;
            self.take();
        }
        return value;
    }

    fn take(self: *Decoder) void {
        const next: u8 = if (self.at < self.input.len) self.input[self.at] else 0;
        self.at += 1;
        self.value = self.value << 8 | next;
    }
};

fn split(low: u32, high: u32, chance: u16) u32 {
    return low + @as(u32, @intCast((@as(u64, high - low) * chance) >> 16));
}

test "bits come back, and likely ones cost little" {
    var buffer: [1000]u8 = undefined;
    var random = std.Random.DefaultPrng.init(7);
    for ([_]u16{ 1, 300, 32768, 65535 }) |chance| {
        var encoder: Encoder = .{ .output = &buffer };
        var bits: [2000]u1 = undefined;
        for (&bits) |*bit| {
            bit.* = @intFromBool(random.random().int(u16) < chance);
            encoder.bit(bit.*, chance);
        }
        const length = encoder.finish().?;
        if (chance == 65535) try std.testing.expect(length < 6);
        if (chance == 32768) try std.testing.expect(length > 248 and length < 254);
        var decoder = Decoder.init(buffer[0..length]);
        for (bits) |bit| try std.testing.expectEqual(bit, decoder.bit(chance));
    }
    var short: Encoder = .{ .output = buffer[0..3] };
    for (0..100) |_| short.bit(0, 65000);
    try std.testing.expectEqual(null, short.finish());
}
