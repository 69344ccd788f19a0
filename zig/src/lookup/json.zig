//! Reads JSON in place: the whole text is looked at once, then walked without copies.
const std = @import("std");
const escapes = @import("escape.zig");

pub const depth_max = 32;

/// Why a text is not JSON; `at` is the byte where that shows.
pub const Fault = struct { at: usize = 0, reason: []const u8 = "" };

pub const Error = error{NotJson};

pub const Kind = enum { null, boolean, number, string, object, array };

/// Where each value of a text lies, in the order in which they begin; names are values too.
pub const Document = struct {
    bytes: []const u8 = &.{},
    /// Room for a usual request; more comes from the heap.
    first: [128]Node = undefined,
    heap: ?[]Node = null,
    count: u32 = 0,

    const Node = struct {
        kind: Kind,
        begin: u32,
        end: u32,
        /// The first value that begins behind this one.
        next: u32,
    };

    pub fn deinit(document: *Document) void {
        if (document.heap) |larger| std.heap.c_allocator.free(larger);
    }

    fn nodes(document: *Document) []Node {
        return document.heap orelse &document.first;
    }

    /// Makes room for one more and counts it; null where there is no memory.
    fn add(document: *Document) ?u32 {
        const place = document.count;
        if (place == document.nodes().len) {
            const larger = std.heap.c_allocator.alloc(Node, 4 * document.nodes().len) catch return null;
            @memcpy(larger[0..place], document.nodes());
            document.deinit();
            document.heap = larger;
        }
        document.count += 1;
        return place;
    }

    fn value(document: *Document, place: u32) Value {
        const node = document.nodes()[place];
        return .{ .kind = node.kind, .text = document.bytes[node.begin..node.end], .document = document, .place = place };
    }
};

/// A value as it stands in the text, quotes and brackets included.
pub const Value = struct {
    kind: Kind,
    text: []const u8,
    document: *Document,
    place: u32,

    /// A string's content; escapes are resolved into `buffer`. Null where it does not fit.
    pub fn string(value: Value, buffer: []u8) ?[]const u8 {
        std.debug.assert(value.kind == .string);
        const raw = value.text[1 .. value.text.len - 1];
        if (std.mem.findScalar(u8, raw, '\\') == null) return raw;
        return escapes.resolve(raw, buffer);
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
        return .{ .values = value.children() };
    }

    pub fn elements(value: Value) Elements {
        std.debug.assert(value.kind == .array);
        return value.children();
    }

    fn children(value: Value) Elements {
        const end = value.document.nodes()[value.place].next;
        return .{ .document = value.document, .place = value.place + 1, .end = end };
    }
};

pub const Member = struct { name: Value, value: Value };

pub const Members = struct {
    values: Elements,

    pub fn next(members: *Members) ?Member {
        const name = members.values.next() orelse return null;
        return .{ .name = name, .value = members.values.next().? };
    }
};

pub const Elements = struct {
    document: *Document,
    place: u32,
    end: u32,

    pub fn next(elements: *Elements) ?Value {
        if (elements.place == elements.end) return null;
        const value = elements.document.value(elements.place);
        elements.place = elements.document.nodes()[elements.place].next;
        return value;
    }
};

/// Checks that `bytes` is one JSON value in UTF-8 and nothing else. Both `bytes` and `document`
/// must stay where they are while the value is used.
pub fn parse(bytes: []const u8, document: *Document, fault: *Fault) Error!Value {
    var scanner: Scanner = .{ .bytes = bytes, .document = document };
    defer fault.* = .{ .at = scanner.at, .reason = scanner.reason };
    document.bytes = bytes;
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
        const place = scanner.document.add() orelse return scanner.fail("not enough memory for it");
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
        scanner.document.nodes()[place] = .{
            .kind = kind,
            .begin = @intCast(start),
            .end = @intCast(scanner.at),
            .next = scanner.document.count,
        };
    }

    fn object(scanner: *Scanner, depth: usize) Error!void {
        if (depth == depth_max) return scanner.fail("nested deeper than 32 levels");
        scanner.at += 1;
        scanner.space();
        if (scanner.peek() != '}') while (true) {
            scanner.space();
            if (scanner.peek() != '"') return scanner.fail("a name in quotes is missing");
            try scanner.value(depth + 1);
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
    var document: Document = .{};
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
    var document: Document = .{};
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

test "numbers beyond f64 are infinite, and big integers are none" {
    try testing.expect(std.math.isInf(numberOf("1e999").number()));
    for ([_][]const u8{ "9223372036854775808", "1.5", "1e400" }) |text| {
        try testing.expectEqual(null, numberOf(text).integer());
    }
    try testing.expectEqual(20, numberOf("2.0e1").integer().?);
    try testing.expectEqual(0, numberOf("-0").integer().?);
}

fn numberOf(text: []const u8) Value {
    return .{ .kind = .number, .text = text, .document = undefined, .place = 0 };
}

test "more values than a usual request has" {
    var text: [4001]u8 = undefined;
    for (0..2000) |place| text[2 * place ..][0..2].* = ",7".*;
    text[0] = '[';
    text[4000] = ']';
    var fault: Fault = .{};
    var document: Document = .{};
    defer document.deinit();
    var elements = (try parse(&text, &document, &fault)).elements();
    for (0..2000) |_| try testing.expectEqual(7, elements.next().?.integer().?);
    try testing.expectEqual(null, elements.next());
}
