//! A JSON text that was looked at: where its values lie, and what they are.
const std = @import("std");
const escapes = @import("escape.zig");

pub const Kind = enum { null, boolean, number, string, object, array };

/// Where each value of a text lies, in the order in which they begin; names are values too.
pub const Document = struct {
    bytes: []const u8,
    /// Room for a usual request; more comes from the heap.
    first: [128]Node,
    heap: ?[]Node,
    /// Either of the two.
    nodes: []Node,
    count: u32,

    pub const Node = struct {
        kind: Kind,
        /// A string with escapes in it.
        escaped: bool,
        begin: u32,
        end: u32,
        /// The first value that begins behind this one.
        next: u32,
    };

    /// Of `bytes`, without values yet. The document must stay where it is from now on.
    pub fn init(document: *Document, bytes: []const u8) void {
        document.bytes = bytes;
        document.heap = null;
        document.nodes = &document.first;
        document.count = 0;
    }

    pub fn deinit(document: *Document) void {
        if (document.heap) |larger| std.heap.c_allocator.free(larger);
    }

    /// Makes room for one more and counts it; null where there is no memory.
    pub inline fn add(document: *Document) ?u32 {
        const place = document.count;
        if (place == document.nodes.len and !document.grow()) return null;
        document.count += 1;
        return place;
    }

    fn grow(document: *Document) bool {
        const larger = std.heap.c_allocator.alloc(Node, 4 * document.nodes.len) catch return false;
        @memcpy(larger[0..document.nodes.len], document.nodes);
        document.deinit();
        document.heap = larger;
        document.nodes = larger;
        return true;
    }

    pub inline fn value(document: *const Document, place: u32) Value {
        const node = &document.nodes[place];
        return .{ .kind = node.kind, .escaped = node.escaped, .place = place, .document = document };
    }
};

/// One value of a document.
pub const Value = struct {
    kind: Kind,
    escaped: bool,
    place: u32,
    document: *const Document,

    /// As it stands in the text, quotes and brackets included.
    fn text(value: Value) []const u8 {
        const node = &value.document.nodes[value.place];
        return value.document.bytes[node.begin..node.end];
    }

    /// A string's content; escapes are resolved into `buffer`. Null where it does not fit.
    pub fn string(value: Value, buffer: []u8) ?[]const u8 {
        std.debug.assert(value.kind == .string);
        const quoted = value.text();
        const raw = quoted[1 .. quoted.len - 1];
        return if (value.escaped) escapes.resolve(raw, buffer) else raw;
    }

    /// A number as the nearest f64; infinite where it is beyond.
    pub fn number(value: Value) f64 {
        std.debug.assert(value.kind == .number);
        return std.fmt.parseFloat(f64, value.text()) catch unreachable;
    }

    /// A number without a fraction, up to 2^53 in size; `20`, `20.0` and `2e1` are the same.
    pub fn integer(value: Value) ?i64 {
        if (value.kind != .number) return null;
        if (std.fmt.parseInt(i64, value.text(), 10)) |whole| return whole else |_| {}
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
        const end = value.document.nodes[value.place].next;
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
    document: *const Document,
    place: u32,
    end: u32,

    pub fn next(elements: *Elements) ?Value {
        if (elements.place == elements.end) return null;
        const value = elements.document.value(elements.place);
        elements.place = elements.document.nodes[elements.place].next;
        return value;
    }
};

const testing = std.testing;

test "numbers beyond f64 are infinite, and big integers are none" {
    const texts = [_][]const u8{ "1e999", "9223372036854775808", "1.5", "1e400", "2.0e1", "-0" };
    const wanted = [_]?i64{ null, null, null, null, 20, 0 };
    for (texts, wanted) |text, integer| {
        var document: Document = undefined;
        document.init(text);
        const end: u32 = @intCast(text.len);
        document.nodes[document.add().?] = .{ .kind = .number, .escaped = false, .begin = 0, .end = end, .next = 1 };
        try testing.expectEqual(integer, document.value(0).integer());
        if (text[1] == 'e') try testing.expect(std.math.isInf(document.value(0).number()));
    }
}
