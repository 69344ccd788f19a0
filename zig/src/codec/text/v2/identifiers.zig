//! Snowflake identifiers, as file services number their files: 41 bits of milliseconds, 10 of a
//! machine and 12 of a counter in one decimal number (Twitter's "Announcing Snowflake", 2010). Parted
//! into these, the number costs its time and little else.
const std = @import("std");

pub const mark = 7;
pub const text_max = 24;
pub const digits_max = 19;
const counter_max = 9;

/// How a number that `text` begins with is parted; null where it is no such identifier.
pub fn parted(text: []const u8, buffer: *[text_max]u8) ?[]u8 {
    if (text.len < digits_max or text[0] == '0') return null;
    for (text[0..digits_max]) |byte| if (!std.ascii.isDigit(byte)) return null;
    if (text.len > digits_max and std.ascii.isDigit(text[digits_max])) return null;
    const number = std.fmt.parseInt(u63, text[0..digits_max], 10) catch return null;
    const counter = number & 0xfff;
    if (counter > counter_max) return null;
    return std.fmt.bufPrint(buffer, "{c}{d:0>4}/{d:0>13}/{d}", .{ mark, (number >> 12) & 0x3ff, number >> 22, counter }) catch null;
}

/// How long a parted number is, with its mark.
pub const length = 1 + 4 + 1 + 13 + 1 + 1;

/// The number that was parted to `text`, which begins with the mark; null where none was.
pub fn joined(text: []const u8, buffer: *[text_max]u8) ?[]u8 {
    if (text.len < length or text[5] != '/' or text[19] != '/') return null;
    const machine = std.fmt.parseInt(u10, text[1..5], 10) catch return null;
    const time = std.fmt.parseInt(u41, text[6..19], 10) catch return null;
    const counter = std.fmt.parseInt(u12, text[20..21], 10) catch return null;
    const number = @as(u63, time) << 22 | @as(u63, machine) << 12 | counter;
    return std.fmt.bufPrint(buffer, "{d:0>19}", .{number}) catch null;
}

test "an identifier is parted and joined" {
    var buffer: [text_max]u8 = undefined;
    const part = parted("8590230531259731968\"", &buffer).?;
    try std.testing.expectEqualStrings("\x070825/2048070557417/0", part);
    try std.testing.expectEqual(length, part.len);
    var back: [text_max]u8 = undefined;
    try std.testing.expectEqualStrings("8590230531259731968", joined(part, &back).?);
    for ([_][]const u8{ "8590230531259731968", "859023053125973196", "85902305312597319680", "9999999999999999999", "8590230531259731999", "0590230531259731968" }, 0..) |text, number| {
        try std.testing.expectEqual(number == 0, parted(text, &buffer) != null);
    }
    for ([_][]const u8{ "\x070561", "\x070825/2048070557417-0", "\x079561/2048065789046/0", "\x070825/9999999999999/0", "\x07-561/2048065789046/0" }) |text| {
        try std.testing.expectEqual(null, joined(text, &back));
    }
}
