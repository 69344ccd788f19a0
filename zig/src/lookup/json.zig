//! Reads JSON in place: the whole text is checked once, then walked without copies.
const std = @import("std");

pub const depth_max = 32;

/// Why a text is not JSON; `at` is the byte where that shows.
pub const Fault = struct { at: usize = 0, reason: []const u8 = "" };

pub const Error = error{NotJson};

pub const Kind = enum { null, boolean, number, string, object, array };

/// A value as it stands in the text, quotes and brackets included.
pub const Value = struct {
    kind: Kind,
    text: []const u8,

    /// A string's content; escapes are resolved into `buffer`. Null where it does not fit.
    pub fn string(value: Value, buffer: []u8) ?[]const u8 {
        std.debug.assert(value.kind == .string);
        const raw = value.text[1 .. value.text.len - 1];
        if (std.mem.findScalar(u8, raw, '\\') == null) return raw;
        return unescape(raw, buffer);
    }

    /// A number as the nearest f64; infinite where it is beyond.
    pub fn number(value: Value) f64 {
        std.debug.assert(value.kind == .number);
        return std.fmt.parseFloat(f64, value.text) catch unreachable;
    }

    /// A number without a fraction, up to 2^53 in size; `20`, `20.0` and `2e1` are the same.
    pub fn integer(value: Value) ?i64 {
        if (value.kind != .number) return null;
        if (std.fmt.parseInt(i64, value.text, 10)) |whole| return whole else |_| {}
        const real = value.number();
        if (@abs(real) > 1 << 53 or @trunc(real) != real) return null;
        return @intFromFloat(real);
    }

    pub fn members(value: Value) Members {
        std.debug.assert(value.kind == .object);
        return .{ .scanner = .{ .bytes = value.text, .at = 1 } };
    }

    pub fn elements(value: Value) Elements {
        std.debug.assert(value.kind == .array);
        return .{ .scanner = .{ .bytes = value.text, .at = 1 } };
    }
};

pub const Member = struct { name: Value, value: Value };

/// The members of an object that was checked before.
pub const Members = struct {
    scanner: Scanner,

    pub fn next(members: *Members) ?Member {
        if (!members.scanner.more('}')) return null;
        const name = members.scanner.trusted();
        members.scanner.space();
        members.scanner.at += 1;
        return .{ .name = name, .value = members.scanner.trusted() };
    }
};

/// The elements of an array that was checked before.
pub const Elements = struct {
    scanner: Scanner,

    pub fn next(elements: *Elements) ?Value {
        if (!elements.scanner.more(']')) return null;
        return elements.scanner.trusted();
    }
};

/// Checks that `bytes` is one JSON value in UTF-8 and nothing else.
pub fn parse(bytes: []const u8, fault: *Fault) Error!Value {
    var scanner: Scanner = .{ .bytes = bytes };
    defer fault.* = .{ .at = scanner.at, .reason = scanner.reason };
    if (!std.unicode.utf8ValidateSlice(bytes)) {
        scanner.at = badUtf8(bytes);
        return scanner.fail("not UTF-8");
    }
    const value = try scanner.value(0);
    scanner.space();
    if (scanner.at < bytes.len) return scanner.fail("more than one value");
    return value;
}

const Scanner = struct {
    bytes: []const u8,
    at: usize = 0,
    reason: []const u8 = "",

    fn fail(scanner: *Scanner, reason: []const u8) Error {
        scanner.reason = reason;
        return error.NotJson;
    }

    fn peek(scanner: *const Scanner) u8 {
        return if (scanner.at < scanner.bytes.len) scanner.bytes[scanner.at] else 0;
    }

    fn space(scanner: *Scanner) void {
        while (scanner.at < scanner.bytes.len) : (scanner.at += 1) {
            switch (scanner.bytes[scanner.at]) {
                ' ', '\t', '\n', '\r' => {},
                else => return,
            }
        }
    }

    fn take(scanner: *Scanner, byte: u8, reason: []const u8) Error!void {
        if (scanner.peek() != byte) return scanner.fail(reason);
        scanner.at += 1;
    }

    /// Steps to the next member or element of what was checked before; false at its end.
    fn more(scanner: *Scanner, end: u8) bool {
        scanner.space();
        if (scanner.peek() == ',') scanner.at += 1;
        scanner.space();
        return scanner.peek() != end;
    }

    /// A value that was checked before.
    fn trusted(scanner: *Scanner) Value {
        return scanner.value(0) catch unreachable;
    }

    fn value(scanner: *Scanner, depth: usize) Error!Value {
        scanner.space();
        const start = scanner.at;
        const kind: Kind = switch (scanner.peek()) {
            '{' => .object,
            '[' => .array,
            '"' => .string,
            't', 'f' => .boolean,
            'n' => .null,
            '-', '0'...'9' => .number,
            else => return scanner.fail("a value is missing"),
        };
        switch (kind) {
            .object => try scanner.object(depth),
            .array => try scanner.array(depth),
            .string => try scanner.string(),
            .number => try scanner.number(),
            .boolean => try scanner.word(if (scanner.peek() == 't') "true" else "false"),
            .null => try scanner.word("null"),
        }
        return .{ .kind = kind, .text = scanner.bytes[start..scanner.at] };
    }

    fn object(scanner: *Scanner, depth: usize) Error!void {
        if (depth == depth_max) return scanner.fail("nested deeper than 32 levels");
        scanner.at += 1;
        scanner.space();
        if (scanner.peek() != '}') while (true) {
            scanner.space();
            if (scanner.peek() != '"') return scanner.fail("a name in quotes is missing");
            try scanner.string();
            scanner.space();
            try scanner.take(':', "a colon is missing");
            _ = try scanner.value(depth + 1);
            scanner.space();
            if (scanner.peek() != ',') break;
            scanner.at += 1;
        };
        try scanner.take('}', "an object is not closed");
    }

    fn array(scanner: *Scanner, depth: usize) Error!void {
        if (depth == depth_max) return scanner.fail("nested deeper than 32 levels");
        scanner.at += 1;
        scanner.space();
        if (scanner.peek() != ']') while (true) {
            _ = try scanner.value(depth + 1);
            scanner.space();
            if (scanner.peek() != ',') break;
            scanner.at += 1;
        };
        try scanner.take(']', "an array is not closed");
    }

    fn word(scanner: *Scanner, wanted: []const u8) Error!void {
        if (!std.mem.startsWith(u8, scanner.bytes[scanner.at..], wanted)) {
            return scanner.fail("a value is missing");
        }
        scanner.at += wanted.len;
    }

    fn number(scanner: *Scanner) Error!void {
        if (scanner.peek() == '-') scanner.at += 1;
        if (scanner.peek() == '0') scanner.at += 1 else try scanner.digits();
        if (scanner.peek() == '.') {
            scanner.at += 1;
            try scanner.digits();
        }
        if (scanner.peek() == 'e' or scanner.peek() == 'E') {
            scanner.at += 1;
            if (scanner.peek() == '+' or scanner.peek() == '-') scanner.at += 1;
            try scanner.digits();
        }
    }

    fn digits(scanner: *Scanner) Error!void {
        if (!std.ascii.isDigit(scanner.peek())) return scanner.fail("a digit is missing");
        while (std.ascii.isDigit(scanner.peek())) scanner.at += 1;
    }

    fn string(scanner: *Scanner) Error!void {
        scanner.at += 1;
        while (scanner.at < scanner.bytes.len) {
            switch (scanner.bytes[scanner.at]) {
                '"' => {
                    scanner.at += 1;
                    return;
                },
                0...0x1f => return scanner.fail("a control character in a string"),
                '\\' => try scanner.escape(),
                else => scanner.at += 1,
            }
        }
        return scanner.fail("a string is not closed");
    }

    fn escape(scanner: *Scanner) Error!void {
        scanner.at += 1;
        switch (scanner.peek()) {
            '"', '\\', '/', 'b', 'f', 'n', 'r', 't' => scanner.at += 1,
            'u' => {
                const rest = scanner.bytes[scanner.at - 1 ..];
                var buffer: [4]u8 = undefined;
                const length = unicode(rest, &buffer, null) orelse
                    return scanner.fail("an escape that is no character");
                scanner.at += length - 1;
            },
            else => return scanner.fail("an unknown escape"),
        }
    }
};

/// Decodes `\uXXXX`, or a pair of them, at the start of `text`; gives how many bytes it took.
fn unicode(text: []const u8, buffer: *[4]u8, written: ?*usize) ?usize {
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

fn unescape(raw: []const u8, buffer: []u8) ?[]const u8 {
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

fn badUtf8(bytes: []const u8) usize {
    var at: usize = 0;
    while (at < bytes.len) {
        const length = std.unicode.utf8ByteSequenceLength(bytes[at]) catch return at;
        if (at + length > bytes.len or !std.unicode.utf8ValidateSlice(bytes[at..][0..length])) return at;
        at += length;
    }
    return at;
}

const testing = std.testing;

fn expectFault(text: []const u8, at: usize, reason: []const u8) !void {
    var fault: Fault = .{};
    try testing.expectError(error.NotJson, parse(text, &fault));
    try testing.expectEqualStrings(reason, fault.reason);
    try testing.expectEqual(at, fault.at);
}

test "what is not JSON is refused where it goes wrong" {
    try expectFault("", 0, "a value is missing");
    try expectFault("{\"a\":1,}", 7, "a name in quotes is missing");
    try expectFault("{\"a\" 1}", 5, "a colon is missing");
    try expectFault("[1 2]", 3, "an array is not closed");
    try expectFault("[1", 2, "an array is not closed");
    try expectFault("{}{}", 2, "more than one value");
    try expectFault("NaN", 0, "a value is missing");
    try expectFault("01", 1, "more than one value");
    try expectFault("-", 1, "a digit is missing");
    try expectFault("1.e3", 2, "a digit is missing");
    try expectFault("\"a\x01\"", 2, "a control character in a string");
    try expectFault("\"\\x\"", 2, "an unknown escape");
    try expectFault("\"\\ud800\"", 2, "an escape that is no character");
    try expectFault("\"a\xff\"", 2, "not UTF-8");
    const deep: [33]u8 = @splat('[');
    try expectFault(&deep, 32, "nested deeper than 32 levels");
}

test "values, members and elements" {
    var fault: Fault = .{};
    const text = " {\"a\\u00b5\" : [1, -2.5e3 ,\"\\ud83d\\ude00\\n\"] , \"b\":null,\"c\":{}}\n";
    var members = (try parse(text, &fault)).members();
    const first = members.next().?;
    var buffer: [16]u8 = undefined;
    try testing.expectEqualStrings("aµ", first.name.string(&buffer).?);
    var elements = first.value.elements();
    try testing.expectEqual(1, elements.next().?.integer().?);
    const second = elements.next().?;
    try testing.expectEqual(-2500, second.integer().?);
    try testing.expectEqual(-2500, second.number());
    const third = elements.next().?;
    try testing.expectEqualStrings("😀\n", third.string(&buffer).?);
    try testing.expectEqual(null, third.string(buffer[0..4]));
    try testing.expectEqual(null, elements.next());
    try testing.expectEqual(Kind.null, members.next().?.value.kind);
    try testing.expectEqual(Kind.object, members.next().?.value.kind);
    try testing.expectEqual(null, members.next());
}

test "numbers beyond f64 are infinite, and big integers are none" {
    var fault: Fault = .{};
    try testing.expect(std.math.isInf((try parse("1e999", &fault)).number()));
    try testing.expectEqual(null, (try parse("9223372036854775808", &fault)).integer());
    try testing.expectEqual(null, (try parse("1.5", &fault)).integer());
    try testing.expectEqual(null, (try parse("1e400", &fault)).integer());
    try testing.expectEqual(20, (try parse("2.0e1", &fault)).integer().?);
    try testing.expectEqual(0, (try parse("-0", &fault)).integer().?);
}
