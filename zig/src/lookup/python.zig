//! The lookup as functions of Python itself: a request's bytes in, a status and a reply's bytes out.
//!
//! A call through ctypes takes longer than finding the answer, and the reply is copied once more.
//! Here Python calls straight in, and the reply is written into the object that it gets. Only
//! names of CPython's stable ABI are used (https://docs.python.org/3/c-api/stable.html), found in
//! the process that loads the library; in any other process `lookup_python` gives null.
const std = @import("std");
const Batch = @import("batch.zig").Batch;
const Index = @import("index.zig").Index;
const Single = @import("answer.zig").Single;

const Object = opaque {};
const Destructor = fn (*Object) callconv(.c) void;
const Method = fn (*Object, *Object) callconv(.c) ?*Object;

/// CPython's PyMethodDef.
const MethodDef = extern struct {
    name: ?[*:0]const u8,
    function: ?*const Method,
    flags: c_int = one_argument,
    doc: ?[*:0]const u8,

    /// METH_O
    const one_argument = 8;
};

/// What is used of CPython. Weak, so that the library loads where there is none.
const python = struct {
    const bytes_as_string_and_size = weak("PyBytes_AsStringAndSize", fn (*Object, *[*]u8, *isize) callconv(.c) c_int);
    const bytes_from_string_and_size = weak("PyBytes_FromStringAndSize", fn (?[*]const u8, isize) callconv(.c) ?*Object);
    const capsule_get_pointer = weak("PyCapsule_GetPointer", fn (*Object, ?[*:0]const u8) callconv(.c) ?*anyopaque);
    const capsule_new = weak("PyCapsule_New", fn (*anyopaque, ?[*:0]const u8, *const Destructor) callconv(.c) ?*Object);
    const function_new = weak("PyCFunction_NewEx", fn (*const MethodDef, *Object, ?*Object) callconv(.c) ?*Object);
    const long_from_long = weak("PyLong_FromLong", fn (c_long) callconv(.c) ?*Object);
    const object_release = weak("Py_DecRef", fn (?*Object) callconv(.c) void);
    const thread_save = weak("PyEval_SaveThread", fn () callconv(.c) ?*anyopaque);
    const thread_restore = weak("PyEval_RestoreThread", fn (?*anyopaque) callconv(.c) void);
    const tuple_new = weak("PyTuple_New", fn (isize) callconv(.c) ?*Object);
    const tuple_set = weak("PyTuple_SetItem", fn (*Object, isize, ?*Object) callconv(.c) c_int);

    fn weak(comptime name: []const u8, comptime Function: type) ?*const Function {
        return @extern(?*const Function, .{ .name = name, .linkage = .weak });
    }
};

const methods = [_]MethodDef{
    .{ .name = "query", .function = method(Single), .doc = "Answer one query." },
    .{ .name = "query_batch", .function = method(Batch), .doc = "Answer many queries." },
};

/// Gives a tuple of two functions that answer from `index`, each of bytes and giving `(status,
/// bytes)`. The index is theirs: it is closed when neither is there any more. Null where there is
/// no Python or no index, and, with an exception set and the index closed, where there is no
/// memory. The caller must hold the GIL.
export fn lookup_python(index: ?*Index) ?*Object {
    const release = python.object_release orelse return null;
    const opened = index orelse return null;
    const capsule = python.capsule_new.?(opened, null, closeCapsule) orelse {
        opened.close();
        return null;
    };
    defer release(capsule);
    const functions = python.tuple_new.?(methods.len) orelse return null;
    for (&methods, 0..) |*one, place| {
        const function = python.function_new.?(one, capsule, null);
        if (function == null or python.tuple_set.?(functions, @intCast(place), function) != 0) {
            release(functions);
            return null;
        }
    }
    return functions;
}

fn closeCapsule(capsule: *Object) callconv(.c) void {
    const index: *Index = @ptrCast(@alignCast(python.capsule_get_pointer.?(capsule, null) orelse return));
    const thread = python.thread_save.?();
    index.close();
    python.thread_restore.?(thread);
}

/// Larger replies are written without the GIL; for smaller ones, letting it go takes longer.
const bytes_under_gil_max = 1 << 16;

fn method(comptime Pending: type) *const Method {
    return struct {
        fn call(capsule: *Object, body: *Object) callconv(.c) ?*Object {
            const index: *const Index = @ptrCast(@alignCast(python.capsule_get_pointer.?(capsule, null) orelse return null));
            var text: [*]u8 = undefined;
            var length: isize = 0;
            if (python.bytes_as_string_and_size.?(body, &text, &length) != 0) return null;

            var pending: Pending = undefined;
            var thread = python.thread_save.?();
            pending.begin(index, text[0..@intCast(length)]);
            python.thread_restore.?(thread);
            defer pending.end();

            const reply_bytes: usize = pending.reply.length_bytes;
            const reply = python.bytes_from_string_and_size.?(null, @intCast(reply_bytes)) orelse return null;
            if (python.bytes_as_string_and_size.?(reply, &text, &length) != 0) return null;
            // Nobody else knows of the reply yet.
            if (reply_bytes <= bytes_under_gil_max) {
                pending.write(text[0..reply_bytes]);
            } else {
                thread = python.thread_save.?();
                pending.write(text[0..reply_bytes]);
                python.thread_restore.?(thread);
            }
            return pair(pending.reply.status, reply);
        }
    }.call;
}

/// `(status, reply)`; takes the reply over.
fn pair(status: u16, reply: *Object) ?*Object {
    const both = python.tuple_new.?(2) orelse {
        python.object_release.?(reply);
        return null;
    };
    const number = python.long_from_long.?(status);
    // Of a new tuple, setting an item fails only where there is no such item.
    _ = python.tuple_set.?(both, 1, reply);
    if (number == null) {
        python.object_release.?(both);
        return null;
    }
    _ = python.tuple_set.?(both, 0, number);
    return both;
}

test "outside Python there are no functions" {
    try std.testing.expectEqual(null, lookup_python(null));
}
