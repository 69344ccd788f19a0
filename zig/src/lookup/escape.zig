//! The escapes of JSON strings.
const std = @import("std");

/// Decodes `\uXXXX`, or a pair of them, at the start of `text`; gives how many bytes it took.
pub fn unicode(text: []const u8, buffer: *[4]u8, written: ?*usize) ?usize {
    const first = hex4(text) orelse return null;
    var point: u21 = first;
    var length: usize = 6;
    if (first >= 0xd800 and first < 0xdc00) {
        const second = hex4(text[6..]) orelse return null;
        if (second < 0xdc00 or second >= 0xe000) return null;
        point = 0x10000 + ((@as(u21, first) - 0xd800) << 10) + (second - 0xdc00);
        length = 12;
    }
    const count = std.unicode.utf8Encode(point, buffer) catch return null;
    if (written) |slot| slot.* = count;
    return length;
}

fn hex4(text: []const u8) ?u16 {
    if (text.len < 6 or text[0] != '\\' or text[1] != 'u') return null;
    for (text[2..6]) |byte| if (!std.ascii.isHex(byte)) return null;
    return std.fmt.parseInt(u16, text[2..6], 16) catch null;
}

/// The characters that `raw`, the checked inside of a string, stands for; null where they do not
/// fit `buffer`.
pub fn resolve(raw: []const u8, buffer: []u8) ?[]const u8 {
    var length: usize = 0;
    var at: usize = 0;
    while (at < raw.len) {
        var piece: [4]u8 = .{ raw[at], 0, 0, 0 };
        var count: usize = 1;
        if (raw[at] != '\\') {
            at += 1;
        } else if (raw[at + 1] == 'u') {
            at += unicode(raw[at..], &piece, &count).?;
        } else {
            piece[0] = switch (raw[at + 1]) {
                'b' => 8,
                'f' => 12,
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                else => raw[at + 1],
            };
            at += 2;
        }
        if (length + count > buffer.len) return null;
        @memcpy(buffer[length..][0..count], piece[0..count]);
        length += count;
    }
    return buffer[0..length];
}

const testing = std.testing;

test "escapes are the characters that they stand for" {
    var buffer: [20]u8 = undefined;
    try testing.expectEqualStrings("\"\\/\x08\x0c\n\r\t", resolve("\\\"\\\\\\/\\b\\f\\n\\r\\t", &buffer).?);
    try testing.expectEqualStrings("µ😀!", resolve("\\u00B5\\ud83d\\uDE00!", &buffer).?);
    try testing.expectEqual(null, resolve("\\u00b5", buffer[0..1]));
}

test "half a pair is no character" {
    var piece: [4]u8 = undefined;
    for ([_][]const u8{ "\\ud83d", "\\ud83d\\u0041", "\\ude00", "\\u12", "\\u12g4" }) |text| {
        try testing.expectEqual(null, unicode(text, &piece, null));
    }
}
