//! The JSON of a request becomes a query, or a complaint that names the field.
const std = @import("std");
const complaints = @import("complaint.zig");
const format = @import("format.zig");
const json = @import("json.zig");
const number = @import("number.zig");
const Index = @import("index.zig").Index;
const Family = @import("index.zig").Family;
const Query = @import("query.zig").Query;
const limit_max = @import("query.zig").limit_max;

const Complaint = complaints.Complaint;
const echo = complaints.echo;
pub const Error = complaints.Error;

/// Integers up to here survive every JSON implementation.
const qty_max = 1 << 53;

/// Enough for every name and text that the index can hold.
const Buffer = [format.text_bytes_max]u8;

/// The body as JSON; both it and `document` must stay while the value is used.
pub fn parseBody(body: []const u8, document: *json.Document, complaint: *Complaint) Error!json.Value {
    var fault: json.Fault = .{};
    return json.parse(body, document, &fault) catch
        complaint.malformed("body: not valid JSON at byte {d}: {s}", .{ fault.at, fault.reason });
}

const Fields = struct {
    component_type: ?json.Value = null,
    qty: ?json.Value = null,
    limit: ?json.Value = null,
    order: ?json.Value = null,
    package: ?json.Value = null,
    exact: ?json.Value = null,
    ranges: ?json.Value = null,
};

/// Makes `query` what `body` asks, whose text must stay meanwhile.
pub fn parse(query: *Query, index: *const Index, body: json.Value, complaint: *Complaint) Error!void {
    if (body.kind != .object) return complaint.invalid("body: must be an object", .{});
    var fields: Fields = undefined;
    try collect(Fields, &fields, body, complaint);
    query.init(try familyOf(index, fields.component_type, complaint));
    if (given(fields.qty)) |value| {
        query.stock_min = value.integer() orelse -1;
        if (query.stock_min < 0 or query.stock_min > qty_max) {
            return complaint.invalid("qty: must be an integer from 0 to {d}", .{qty_max});
        }
    }
    if (given(fields.limit)) |value| {
        const limit = value.integer() orelse 0;
        if (limit < 1 or limit > limit_max) {
            return complaint.invalid("limit: must be an integer from 1 to {d}", .{limit_max});
        }
        query.limit = @intCast(limit);
    }
    if (given(fields.order)) |value| {
        var buffer: Buffer = undefined;
        const word = if (value.kind == .string) value.string(&buffer) else null;
        if (word == null or !isWord(word.?, "price")) {
            return complaint.invalid("order: must be \"price\", or left out for the usual order", .{});
        }
        query.by_price = true;
    }
    if (given(fields.package)) |value| {
        if (value.kind != .string) return complaint.invalid("package: must be a string", .{});
        var buffer: Buffer = undefined;
        const text = value.string(&buffer);
        query.restrictText(0, if (text) |found| query.family.schema.barePackage(found) else null);
    }
    if (given(fields.exact)) |value| try exact(query, value, complaint);
    if (given(fields.ranges)) |value| try ranges(query, value, complaint);
    query.addDefaults();
}

/// An optional field that is null is left out.
fn given(field: ?json.Value) ?json.Value {
    const value = field orelse return null;
    return if (value.kind == .null) null else value;
}

/// The members of `object`, each at most once and none beside those of `Known`.
pub fn collect(comptime Known: type, found: *Known, object: json.Value, complaint: *Complaint) Error!void {
    const names = @typeInfo(Known).@"struct".field_names;
    found.* = .{};
    var members = object.members();
    next: while (members.next()) |member| {
        var buffer: Buffer = undefined;
        const name = member.name.string(&buffer);
        inline for (names) |known| {
            if (name != null and isWord(name.?, known)) {
                if (@field(found, known) != null) {
                    return complaint.invalid("{s}: given twice", .{known});
                }
                @field(found, known) = member.value;
                continue :next;
            }
        }
        const known = comptime blk: {
            var list: []const u8 = names[0];
            for (names[1..]) |more| list = list ++ ", " ++ more;
            break :blk list;
        };
        return complaint.invalid("{s}: unknown field; known: {s}", .{ echo(name), known });
    }
}

/// Whether `text` is `word`, told by one comparison.
inline fn isWord(text: []const u8, comptime word: []const u8) bool {
    const Bits = @Int(.unsigned, 8 * word.len);
    if (text.len != word.len) return false;
    return @as(Bits, @bitCast(text[0..word.len].*)) == @as(Bits, @bitCast(word[0..word.len].*));
}

fn familyOf(index: *const Index, field: ?json.Value, complaint: *Complaint) Error!*const Family {
    const value = field orelse return complaint.invalid("component_type: required", .{});
    if (value.kind != .string) return complaint.invalid("component_type: must be a string", .{});
    var buffer: Buffer = undefined;
    const name = value.string(&buffer);
    if (name) |wanted| {
        if (index.schema.familyNamed(wanted)) |place| return &index.families[place];
    }
    var list: [1024]u8 = undefined;
    var writer: std.Io.Writer = .fixed(&list);
    for (index.families, 0..) |family, place| {
        writer.print("{s}{s}", .{ if (place == 0) "" else ", ", family.schema.name }) catch break;
    }
    return complaint.invalid("component_type: unknown type '{s}'; known: {s}", .{ echo(name), writer.buffered() });
}

/// Which names of each column were used in a section: each name may stand there once.
const Seen = [format.columns_max]u8;

/// The column that a member of `exact` or `ranges` names.
/// A span is the place behind the columns that it has in the family.
fn columnOf(query: *Query, member: json.Member, comptime section: []const u8, seen: *Seen, complaint: *Complaint) Error!u32 {
    var buffer: Buffer = undefined;
    const name = member.name.string(&buffer);
    const family = query.family.schema;
    const called = if (name) |wanted| family.columnCalled(wanted) else null;
    if (called == null) {
        var list: [1024]u8 = undefined;
        var writer: std.Io.Writer = .fixed(&list);
        for (family.columns, 0..) |column, index| {
            writer.print("{s}{s}", .{ if (index == 0) "" else ", ", column.name }) catch break;
        }
        return complaint.invalid(section ++ ".{s}: unknown field of {s}; known: {s}", .{
            echo(name), family.name, writer.buffered(),
        });
    }
    const bit = @as(u8, 1) << @intCast(called.?.spelling);
    if (seen[called.?.index] & bit != 0) return complaint.invalid(section ++ ".{s}: given twice", .{name.?});
    seen[called.?.index] |= bit;
    if (called.?.index < family.columns.len and family.columns[called.?.index].lifts_default) query.lifted = true;
    return @intCast(called.?.index + 1);
}

fn exact(query: *Query, section: json.Value, complaint: *Complaint) Error!void {
    if (section.kind != .object) return complaint.invalid("exact: must be an object", .{});
    var seen: Seen = @splat(0);
    var members = section.members();
    while (members.next()) |member| {
        const place = try columnOf(query, member, "exact", &seen, complaint);
        if (spanOf(query, place)) |span| {
            const value = try finite(member.value, "exact", span.name, "", complaint);
            query.restrictSpan(span.low, span.high, value, value);
            continue;
        }
        const column = &query.family.columns[place];
        if (column.kind == .text) {
            if (member.value.kind != .string) {
                return complaint.invalid("exact.{s}: must be a string", .{column.name});
            }
            var buffer: Buffer = undefined;
            query.restrictText(place, member.value.string(&buffer));
        } else {
            query.restrictReal(place, Query.scaled(column, try finite(member.value, "exact", column.name, "", complaint)));
        }
    }
}

const Ends = struct { name: []const u8, low: u32, high: u32 };

/// The name and the columns of the span at a place behind the columns; null for a column.
fn spanOf(query: *const Query, place: u32) ?Ends {
    const family = query.family.schema;
    if (place <= family.columns.len) return null;
    const span = family.spans[place - family.columns.len - 1];
    return .{
        .name = span.name,
        // The schema was checked when it was read.
        .low = @intCast(family.columnNamed(span.minimum_column).? + 1),
        .high = @intCast(family.columnNamed(span.maximum_column).? + 1),
    };
}

const Bounds = struct { minimum: ?json.Value = null, maximum: ?json.Value = null };

fn ranges(query: *Query, section: json.Value, complaint: *Complaint) Error!void {
    if (section.kind != .object) return complaint.invalid("ranges: must be an object", .{});
    var seen: Seen = @splat(0);
    var members = section.members();
    while (members.next()) |member| {
        const place = try columnOf(query, member, "ranges", &seen, complaint);
        const span = spanOf(query, place);
        const column = &query.family.columns[if (span) |ends| ends.low else place];
        const name = if (span) |ends| ends.name else column.name;
        if (column.kind == .text) {
            return complaint.invalid("ranges.{s}: holds texts; use exact", .{name});
        }
        if (member.value.kind != .object) {
            return complaint.invalid("ranges.{s}: must be an object with minimum, maximum or both", .{name});
        }
        var bounds: Bounds = undefined;
        collect(Bounds, &bounds, member.value, complaint) catch {
            const copy = complaint.*;
            return complaint.invalid("ranges.{s}.{s}", .{ name, copy.text() });
        };
        var minimum: ?f64 = null;
        var maximum: ?f64 = null;
        if (given(bounds.minimum)) |value| {
            minimum = Query.scaled(column, try finite(value, "ranges", name, ".minimum", complaint));
        }
        if (given(bounds.maximum)) |value| {
            maximum = Query.scaled(column, try finite(value, "ranges", name, ".maximum", complaint));
        }
        if (minimum == null and maximum == null) {
            return complaint.invalid("ranges.{s}: needs minimum, maximum or both", .{name});
        }
        if (minimum != null and maximum != null and minimum.? > maximum.?) {
            var texts: [2][number.length_max]u8 = undefined;
            return complaint.invalid("ranges.{s}: minimum {s} is above maximum {s}", .{
                name, number.plain(&texts[0], minimum.?), number.plain(&texts[1], maximum.?),
            });
        }
        if (span) |ends|
            query.restrictSpan(ends.low, ends.high, minimum, maximum)
        else
            query.restrictRange(place, minimum, maximum);
    }
}

fn finite(value: json.Value, comptime section: []const u8, column: []const u8, comptime end: []const u8, complaint: *Complaint) Error!f64 {
    if (value.kind == .number) {
        const real = value.number();
        if (std.math.isFinite(real)) return real;
    }
    return complaint.invalid(section ++ ".{s}" ++ end ++ ": must be a finite number", .{column});
}
