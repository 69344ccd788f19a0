//! The lookup as functions of Python itself: a request's bytes in, a status and a reply's bytes out.
//!
//! A call through ctypes takes longer than finding the answer, and the reply is copied once more.
//! Here Python calls straight in, and the reply is written into the object that it gets. Only
//! names of CPython's stable ABI are used (https://docs.python.org/3/c-api/stable.html), found in
//! the process that loads the library; in any other process `lookup_python` gives null.
const std = @import("std");
const Batch = @import("batch.zig").Batch;
const piece_bytes_min = @import("batch.zig").piece_bytes_min;
const Index = @import("index.zig").Index;
const Single = @import("answer.zig").Single;

const Object = opaque {};
const Destructor = fn (*Object) callconv(.c) void;
const Method = fn (*Object, ?*Object) callconv(.c) ?*Object;

/// CPython's PyMethodDef.
const MethodDef = extern struct {
    name: ?[*:0]const u8,
    function: ?*const Method,
    flags: c_int = one_argument,
    doc: ?[*:0]const u8,

    /// METH_NOARGS, METH_O
    const no_argument = 4;
    const one_argument = 8;
};

/// What is used of CPython, under its own names.
const Python = struct {
    PyBytes_AsStringAndSize: *const fn (*Object, *[*]u8, *isize) callconv(.c) c_int,
    PyBytes_FromStringAndSize: *const fn (?[*]const u8, isize) callconv(.c) ?*Object,
    PyCFunction_NewEx: *const fn (*const MethodDef, *Object, ?*Object) callconv(.c) ?*Object,
    PyCapsule_GetContext: *const fn (*Object) callconv(.c) ?*anyopaque,
    PyCapsule_GetPointer: *const fn (*Object, ?[*:0]const u8) callconv(.c) ?*anyopaque,
    PyCapsule_New: *const fn (*anyopaque, ?[*:0]const u8, *const Destructor) callconv(.c) ?*Object,
    PyCapsule_SetContext: *const fn (*Object, ?*anyopaque) callconv(.c) c_int,
    PyEval_RestoreThread: *const fn (?*anyopaque) callconv(.c) void,
    PyEval_SaveThread: *const fn () callconv(.c) ?*anyopaque,
    PyErr_NoMemory: *const fn () callconv(.c) ?*Object,
    PyLong_FromLong: *const fn (c_long) callconv(.c) ?*Object,
    PyTuple_New: *const fn (isize) callconv(.c) ?*Object,
    PyTuple_SetItem: *const fn (*Object, isize, ?*Object) callconv(.c) c_int,
    PyType_GenericAlloc: *const fn (*Object, isize) callconv(.c) ?*Object,
    Py_DecRef: *const fn (?*Object) callconv(.c) void,
    Py_IncRef: *const fn (?*Object) callconv(.c) void,

    /// Looks the names up in this process; null where one is missing.
    fn find() ?Python {
        var found: Python = undefined;
        inline for (@typeInfo(Python).@"struct".field_names) |name| {
            const address = std.c.dlsym(null, name) orelse return null;
            @field(found, name) = @ptrCast(@alignCast(address));
        }
        return found;
    }
};

/// Set once, under the GIL, before any function that uses it is handed out.
var python: Python = undefined;
var python_found = false;

const methods = [_]MethodDef{
    .{ .name = "query", .function = method(Single), .doc = "Answer one query." },
    .{ .name = "query_batch", .function = method(Batch), .doc = "Answer many queries." },
    .{ .name = "open_batch", .function = openBatch, .doc = "Answer many queries, piece by piece." },
};

const next_piece: MethodDef = .{
    .name = "next_piece",
    .function = nextPiece,
    .flags = MethodDef.no_argument,
    .doc = "The next piece of the reply; empty after the last.",
};

/// Gives a tuple of three functions that answer from `index`, each of bytes and giving a `reply`,
/// which must be a subclass of tuple, of a status and bytes. The last gives, for a long reply, the
/// reply's length and a function that gives it piece by piece, as a tuple instead of the bytes.
/// The index is theirs: it is closed when none of them is there any more. Null where there is no Python or an argument is missing, and,
/// with an exception set and the index closed, where there is no memory. The caller must hold the
/// GIL.
export fn lookup_python(index: ?*Index, reply: ?*Object) ?*Object {
    const opened = index orelse return null;
    const reply_type = reply orelse return null;
    if (!python_found) python = Python.find() orelse return null;
    python_found = true;
    const capsule = python.PyCapsule_New(opened, null, closeCapsule) orelse {
        opened.close();
        return null;
    };
    defer python.Py_DecRef(capsule);
    if (python.PyCapsule_SetContext(capsule, reply_type) != 0) return null;
    python.Py_IncRef(reply_type);
    const functions = python.PyTuple_New(methods.len) orelse return null;
    for (&methods, 0..) |*one, place| {
        const function = python.PyCFunction_NewEx(one, capsule, null);
        if (function == null or python.PyTuple_SetItem(functions, @intCast(place), function) != 0) {
            python.Py_DecRef(functions);
            return null;
        }
    }
    return functions;
}

fn closeCapsule(capsule: *Object) callconv(.c) void {
    const index: *Index = @ptrCast(@alignCast(python.PyCapsule_GetPointer(capsule, null) orelse return));
    if (python.PyCapsule_GetContext(capsule)) |reply_type| python.Py_DecRef(@ptrCast(reply_type));
    const thread = python.PyEval_SaveThread();
    index.close();
    python.PyEval_RestoreThread(thread);
}

/// Larger replies are written without the GIL; for smaller ones, letting it go takes longer.
const bytes_under_gil_max = 1 << 16;

fn method(comptime Pending: type) *const Method {
    return struct {
        fn call(capsule: *Object, body: ?*Object) callconv(.c) ?*Object {
            const index: *const Index = @ptrCast(@alignCast(python.PyCapsule_GetPointer(capsule, null) orelse return null));
            var text: [*]u8 = undefined;
            var length: isize = 0;
            if (python.PyBytes_AsStringAndSize(body.?, &text, &length) != 0) return null;

            var pending: Pending = undefined;
            var thread = python.PyEval_SaveThread();
            pending.begin(index, text[0..@intCast(length)]);
            python.PyEval_RestoreThread(thread);
            defer pending.end();

            const reply_bytes: usize = pending.reply.length_bytes;
            const reply = python.PyBytes_FromStringAndSize(null, @intCast(reply_bytes)) orelse return null;
            if (python.PyBytes_AsStringAndSize(reply, &text, &length) != 0) return null;
            // Nobody else knows of the reply yet.
            if (reply_bytes <= bytes_under_gil_max) {
                pending.write(text[0..reply_bytes]);
            } else {
                thread = python.PyEval_SaveThread();
                pending.write(text[0..reply_bytes]);
                python.PyEval_RestoreThread(thread);
            }
            return pair(@ptrCast(python.PyCapsule_GetContext(capsule).?), pending.reply.status, reply);
        }
    }.call;
}

/// As `method(Batch)`, but a reply of more than one piece is written as it is asked for: the batch
/// lives on in a capsule of its own, which keeps the index's.
fn openBatch(capsule: *Object, body: ?*Object) callconv(.c) ?*Object {
    const index: *const Index = @ptrCast(@alignCast(python.PyCapsule_GetPointer(capsule, null) orelse return null));
    var text: [*]u8 = undefined;
    var length: isize = 0;
    if (python.PyBytes_AsStringAndSize(body.?, &text, &length) != 0) return null;
    const batch = std.heap.c_allocator.create(Batch) catch return python.PyErr_NoMemory();
    const thread = python.PyEval_SaveThread();
    batch.begin(index, text[0..@intCast(length)]);
    python.PyEval_RestoreThread(thread);
    const reply_type: *Object = @ptrCast(python.PyCapsule_GetContext(capsule).?);
    const status = batch.reply.status;
    const owner = python.PyCapsule_New(batch, null, closeBatch) orelse {
        freeBatch(batch);
        return null;
    };
    defer python.Py_DecRef(owner);
    if (python.PyCapsule_SetContext(owner, capsule) != 0) return null;
    python.Py_IncRef(capsule);
    if (batch.reply.length_bytes <= piece_bytes_min or batch.state == .text) {
        const reply = python.PyBytes_FromStringAndSize(null, batch.reply.length_bytes) orelse return null;
        if (python.PyBytes_AsStringAndSize(reply, &text, &length) != 0) return null;
        batch.write(text[0..@intCast(length)]);
        return pair(reply_type, status, reply);
    }
    const both = python.PyTuple_New(2) orelse return null;
    const function = python.PyCFunction_NewEx(&next_piece, owner, null);
    const total = python.PyLong_FromLong(batch.reply.length_bytes);
    const total_set = python.PyTuple_SetItem(both, 0, total) == 0;
    if (python.PyTuple_SetItem(both, 1, function) == 0 and total_set and function != null and total != null) {
        return pair(reply_type, status, both);
    }
    python.Py_DecRef(both);
    return null;
}

/// Of one reply; its calls must follow one another.
fn nextPiece(owner: *Object, _: ?*Object) callconv(.c) ?*Object {
    const batch: *Batch = @ptrCast(@alignCast(python.PyCapsule_GetPointer(owner, null) orelse return null));
    const piece = python.PyBytes_FromStringAndSize(null, @intCast(batch.pieceBytes())) orelse return null;
    var text: [*]u8 = undefined;
    var length: isize = 0;
    if (python.PyBytes_AsStringAndSize(piece, &text, &length) != 0) return null;
    // Some 50 µs; without the GIL, a second call could come before this one ends.
    if (length > 0) batch.writePiece(text[0..@intCast(length)]);
    return piece;
}

fn closeBatch(owner: *Object) callconv(.c) void {
    freeBatch(@ptrCast(@alignCast(python.PyCapsule_GetPointer(owner, null) orelse return)));
    if (python.PyCapsule_GetContext(owner)) |capsule| python.Py_DecRef(@ptrCast(@alignCast(capsule)));
}

fn freeBatch(batch: *Batch) void {
    batch.end();
    std.heap.c_allocator.destroy(batch);
}

/// A `reply_type` of status and body; takes the body over.
fn pair(reply_type: *Object, status: u16, body: *Object) ?*Object {
    const both = python.PyType_GenericAlloc(reply_type, 2) orelse {
        python.Py_DecRef(body);
        return null;
    };
    // It takes the item over even where it fails, which is where this is no tuple.
    const body_set = python.PyTuple_SetItem(both, 1, body) == 0;
    const number = python.PyLong_FromLong(status);
    if (body_set and number != null and python.PyTuple_SetItem(both, 0, number) == 0) return both;
    python.Py_DecRef(both);
    return null;
}

test "outside Python there are no functions" {
    var index: Index = undefined;
    const reply: *Object = @ptrCast(&index);
    try std.testing.expectEqual(null, lookup_python(&index, reply));
    try std.testing.expectEqual(null, lookup_python(null, reply));
    try std.testing.expectEqual(null, lookup_python(&index, null));
}
