//! Reads JSON in place: the whole text is looked at once, then walked without copies.
const std = @import("std");
const documents = @import("document.zig");
const escapes = @import("escape.zig");

pub const Document = documents.Document;
pub const Kind = documents.Kind;
pub const Member = documents.Member;
pub const Value = documents.Value;

pub const depth_max = 32;

/// Why a text is not JSON; `at` is the byte where that shows.
pub const Fault = struct { at: usize = 0, reason: []const u8 = "" };

pub const Error = error{NotJson};

/// Checks that `bytes` is one JSON value in UTF-8 and nothing else. Both `bytes` and `document`
/// must stay where they are while the value is used.
pub fn parse(bytes: []const u8, document: *Document, fault: *Fault) Error!Value {
    var scanner: Scanner = .{ .bytes = bytes, .document = document };
    defer fault.* = .{ .at = scanner.at, .reason = scanner.reason };
    document.init(bytes);
    if (bytes.len > std.math.maxInt(u32)) return scanner.fail("longer than 4 GiB");
    if (!std.unicode.utf8ValidateSlice(bytes)) {
        scanner.at = badUtf8(bytes);
        return scanner.fail("not UTF-8");
    }
    try scanner.value(0);
    scanner.space();
    if (scanner.at < bytes.len) return scanner.fail("more than one value");
    return document.value(0);
}

const Scanner = struct {
    bytes: []const u8,
    document: *Document,
    at: usize = 0,
    reason: []const u8 = "",
    /// Whether the last string has escapes.
    escaped: bool = false,

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

    fn value(scanner: *Scanner, depth: usize) Error!void {
        scanner.space();
        const start = scanner.at;
        const place = try scanner.begin();
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
            .string => return scanner.text(place),
            .number => try scanner.number(),
            .boolean => try scanner.word(if (scanner.peek() == 't') "true" else "false"),
            .null => try scanner.word("null"),
        }
        scanner.end(place, start, kind);
    }

    inline fn begin(scanner: *Scanner) Error!u32 {
        return scanner.document.add() orelse scanner.fail("not enough memory for it");
    }

    inline fn end(scanner: *Scanner, place: u32, start: usize, kind: Kind) void {
        scanner.document.nodes[place] = .{
            .kind = kind,
            .escaped = kind == .string and scanner.escaped,
            .begin = @intCast(start),
            .end = @intCast(scanner.at),
            .next = scanner.document.count,
        };
    }

    /// A string, or a name, which begins here.
    inline fn text(scanner: *Scanner, place: u32) Error!void {
        const start = scanner.at;
        try scanner.string();
        scanner.end(place, start, .string);
    }

    fn object(scanner: *Scanner, depth: usize) Error!void {
        if (depth == depth_max) return scanner.fail("nested deeper than 32 levels");
        scanner.at += 1;
        scanner.space();
        if (scanner.peek() != '}') while (true) {
            scanner.space();
            if (scanner.peek() != '"') return scanner.fail("a name in quotes is missing");
            try scanner.text(try scanner.begin());
            scanner.space();
            try scanner.take(':', "a colon is missing");
            try scanner.value(depth + 1);
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
            try scanner.value(depth + 1);
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
        scanner.escaped = false;
        while (true) {
            scanner.ordinary();
            if (scanner.at == scanner.bytes.len) return scanner.fail("a string is not closed");
            switch (scanner.bytes[scanner.at]) {
                '"' => {
                    scanner.at += 1;
                    return;
                },
                0...0x1f => return scanner.fail("a control character in a string"),
                else => try scanner.escape(),
            }
        }
    }

    /// Goes on to the next byte that means something in a string, 16 at a time while there are.
    fn ordinary(scanner: *Scanner) void {
        const Chunk = @Vector(16, u8);
        var at = scanner.at;
        defer scanner.at = at;
        while (at + 16 <= scanner.bytes.len) : (at += 16) {
            const chunk: Chunk = scanner.bytes[at..][0..16].*;
            const quotes: u16 = @bitCast(chunk == @as(Chunk, @splat('"')));
            const slashes: u16 = @bitCast(chunk == @as(Chunk, @splat('\\')));
            const controls: u16 = @bitCast(chunk < @as(Chunk, @splat(0x20)));
            const meaning = quotes | slashes | controls;
            if (meaning != 0) {
                at += @ctz(meaning);
                return;
            }
        }
        while (at < scanner.bytes.len) : (at += 1) {
            switch (scanner.bytes[at]) {
                0...0x1f, '"', '\\' => return,
                else => {},
            }
        }
    }

    fn escape(scanner: *Scanner) Error!void {
        scanner.escaped = true;
        scanner.at += 1;
        switch (scanner.peek()) {
            '"', '\\', '/', 'b', 'f', 'n', 'r', 't' => scanner.at += 1,
            'u' => {
                const rest = scanner.bytes[scanner.at - 1 ..];
                var buffer: [4]u8 = undefined;
                const length = escapes.unicode(rest, &buffer, null) orelse
                    return scanner.fail("an escape that is no character");
                scanner.at += length - 1;
            },
            else => return scanner.fail("an unknown escape"),
        }
    }
};

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
    var document: Document = undefined;
    defer document.deinit();
    try testing.expectError(error.NotJson, parse(text, &document, &fault));
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
    var document: Document = undefined;
    var members = (try parse(text, &document, &fault)).members();
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

test "more values than a usual request has" {
    var text: [4001]u8 = undefined;
    for (0..2000) |place| text[2 * place ..][0..2].* = ",7".*;
    text[0] = '[';
    text[4000] = ']';
    var fault: Fault = .{};
    var document: Document = undefined;
    defer document.deinit();
    var elements = (try parse(&text, &document, &fault)).elements();
    for (0..2000) |_| try testing.expectEqual(7, elements.next().?.integer().?);
    try testing.expectEqual(null, elements.next());
}
