// A GLB turning in WebGL 2: positions, normals and plain colours, which is what parts' models have.
// Format: glTF 2.0, binary; columns of matrices as OpenGL has them.

import { ask } from "./key.js";

const VERTEX = `#version 300 es
in vec3 place, normal;
uniform mat4 view, projection;
out vec3 n;
void main() {
  n = mat3(view) * normal;
  gl_Position = projection * view * vec4(place, 1.0);
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
in vec3 n;
uniform vec4 colour;
uniform float shine;
out vec4 seen;
void main() {
  vec3 m = normalize(gl_FrontFacing ? n : -n);
  float key = max(dot(m, normalize(vec3(0.4, 0.9, 0.7))), 0.0);
  float fill = max(dot(m, normalize(vec3(-0.7, 0.1, 0.5))), 0.0);
  float gloss = pow(max(dot(m, normalize(vec3(0.2, 0.5, 0.9))), 0.0), 24.0) * shine;
  vec3 lit = colour.rgb * (0.34 + 0.62 * key + 0.22 * fill) + gloss;
  seen = vec4(pow(lit, vec3(1.0 / 2.2)), 1.0) * vec4(1.0, 1.0, 1.0, colour.a);
}`;
const SIZES = { SCALAR: 1, VEC2: 2, VEC3: 3, VEC4: 4 };
const KINDS = { 5121: Uint8Array, 5123: Uint16Array, 5125: Uint32Array, 5126: Float32Array };

// --- matrices ---
const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const times = (a, b) =>
  IDENTITY.map((_, at) => [0, 1, 2, 3].reduce((sum, k) => sum + a[k * 4 + (at % 4)] * b[(at >> 2) * 4 + k], 0));
const moved = (m, [x, y, z]) => [0, 1, 2].map((row) => m[row] * x + m[4 + row] * y + m[8 + row] * z + m[12 + row]);
const turned = (m, [x, y, z]) => [0, 1, 2].map((row) => m[row] * x + m[4 + row] * y + m[8 + row] * z);

function matrixOf({ matrix, translation: t = [0, 0, 0], rotation: r = [0, 0, 0, 1], scale: s = [1, 1, 1] }) {
  if (matrix) return matrix;
  const [x, y, z, w] = r;
  const columns = [
    [1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)],
    [2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)],
    [2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)],
  ];
  return [...columns.flatMap((column, at) => [...column.map((value) => value * s[at]), 0]), ...t, 1];
}

// --- the file ---
function parsed(data) {
  const head = new DataView(data);
  if (head.getUint32(0, true) !== 0x46546c67) throw new Error("no GLB");
  const length = head.getUint32(12, true);
  const document = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 20, length)));
  return { document, start: 28 + length, data };
}

function values({ document, start, data }, number) {
  const { bufferView, byteOffset = 0, componentType, count, type } = document.accessors[number];
  const view = document.bufferViews[bufferView];
  const Kind = KINDS[componentType];
  const size = SIZES[type];
  const from = start + (view.byteOffset ?? 0) + byteOffset;
  const stride = view.byteStride ?? size * Kind.BYTES_PER_ELEMENT;
  if (stride === size * Kind.BYTES_PER_ELEMENT) return new Kind(data.slice(from, from + count * stride));
  const all = new Kind(count * size);
  for (let at = 0; at < count; at++) {
    all.set(new Kind(data.slice(from + at * stride, from + at * stride + size * Kind.BYTES_PER_ELEMENT)), at * size);
  }
  return all;
}

// Every mesh of the scene where it stands, as triangles of one colour each.
function pieces(file) {
  const { document } = file;
  const found = [];
  const walk = (number, above) => {
    const node = document.nodes[number];
    const here = times(above, matrixOf(node));
    for (const primitive of document.meshes?.[node.mesh]?.primitives ?? []) {
      if ((primitive.mode ?? 4) !== 4) continue;
      const places = values(file, primitive.attributes.POSITION);
      const normals = primitive.attributes.NORMAL === undefined ? null : values(file, primitive.attributes.NORMAL);
      const index = primitive.indices === undefined ? Uint32Array.from({ length: places.length / 3 }, (_, at) => at) : new Uint32Array(values(file, primitive.indices));
      for (let at = 0; at < places.length; at += 3) {
        places.set(moved(here, places.subarray(at, at + 3)), at);
        normals?.set(turned(here, normals.subarray(at, at + 3)), at);
      }
      const look = document.materials?.[primitive.material]?.pbrMetallicRoughness ?? {};
      const colour = look.baseColorFactor ?? [0.55, 0.55, 0.55, 1];
      found.push({ places, normals: normals ?? flat(places, index), index, colour, shine: look.metallicFactor ?? 1 });
    }
    for (const child of node.children ?? []) walk(child, here);
  };
  for (const root of document.scenes[document.scene ?? 0].nodes) walk(root, IDENTITY);
  return found;
}

function flat(places, index) {
  const normals = new Float32Array(places.length);
  for (let at = 0; at < index.length; at += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => places.subarray(index[at + k] * 3, index[at + k] * 3 + 3));
    const u = [0, 1, 2].map((k) => b[k] - a[k]);
    const v = [0, 1, 2].map((k) => c[k] - a[k]);
    const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    for (let k = 0; k < 3; k++) for (let axis = 0; axis < 3; axis++) normals[index[at + k] * 3 + axis] += n[axis];
  }
  return normals;
}

function boxOf(all) {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (const { places } of all) {
    for (let at = 0; at < places.length; at++) {
      low[at % 3] = Math.min(low[at % 3], places[at]);
      high[at % 3] = Math.max(high[at % 3], places[at]);
    }
  }
  return { centre: low.map((value, k) => (value + high[k]) / 2), radius: Math.hypot(...low.map((value, k) => high[k] - value)) / 2 || 1, low, high };
}

// --- drawing ---
function programOf(gl) {
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  return program;
}

function uploaded(gl, program, piece) {
  const array = gl.createVertexArray();
  gl.bindVertexArray(array);
  for (const [name, data] of [["place", piece.places], ["normal", piece.normals]]) {
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    const at = gl.getAttribLocation(program, name);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, 3, gl.FLOAT, false, 0, 0);
  }
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, piece.index, gl.STATIC_DRAW);
  return { array, count: piece.index.length, colour: piece.colour, shine: Math.min(0.35, 0.08 + piece.shine * 0.2) };
}

function camera({ centre, radius }, { around, above, near }, shape) {
  const [ca, sa, cb, sb] = [Math.cos(around), Math.sin(around), Math.cos(above), Math.sin(above)];
  const turn = [ca, sa * sb, -sa * cb, 0, 0, cb, sb, 0, sa, -ca * sb, ca * cb, 0, 0, 0, 0, 1];
  const away = (radius * 2.9) / near / Math.min(1, shape);
  const back = turned(turn, centre).map((value) => -value);
  const view = [...turn.slice(0, 12), back[0], back[1], back[2] - away, 1];
  const reach = 1 / Math.tan(Math.PI / 9 / 1);
  const [front, end] = [Math.max(away - radius * 1.5, radius * 0.02), away + radius * 1.5];
  const projection = [reach / shape, 0, 0, 0, 0, reach, 0, 0, 0, 0, (end + front) / (front - end), -1, 0, 0, (2 * end * front) / (front - end), 0];
  return { view, projection };
}

function controls(canvas, at, draw) {
  const change = (around, above, near = 1) => {
    at.around += around;
    at.above = Math.max(-1.5, Math.min(1.5, at.above + above));
    at.near = Math.max(0.4, Math.min(6, at.near * near));
    at.moves = false;
    draw();
  };
  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    held = event;
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return;
    change((event.clientX - held.clientX) / 110, (event.clientY - held.clientY) / 110);
    held = event;
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (held = null));
  canvas.addEventListener("wheel", (event) => {
    if (document.activeElement !== canvas) return;
    event.preventDefault();
    change(0, 0, Math.exp(-event.deltaY / 600));
  }, { passive: false });
  const keys = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.15], ArrowDown: [0, 0.15], "+": [0, 0, 1.15], "=": [0, 0, 1.15], "-": [0, 0, 0.87] };
  canvas.addEventListener("keydown", (event) => {
    const step = keys[event.key];
    if (!step) return;
    event.preventDefault();
    change(...step);
  });
}

export async function start(canvas) {
  const told = canvas.closest("figure").querySelector("output");
  try {
    await show(canvas, told);
    canvas.dataset.shown = "";
  } catch (error) {
    told.textContent = "cannot be shown here";
    canvas.dataset.failed = error.message;
  }
}

async function show(canvas, told) {
  const gl = canvas.getContext("webgl2", { antialias: true, alpha: true, premultipliedAlpha: false });
  if (!gl) throw new Error("no WebGL 2");
  const response = await ask(canvas.dataset.model);
  if (!response.ok) throw new Error(`${response.status}`);
  const all = pieces(parsed(await response.arrayBuffer()));
  const box = boxOf(all);
  told.textContent = [0, 2, 1].map((k) => ((box.high[k] - box.low[k]) * 1000).toFixed(2)).join(" × ") + " mm";
  const program = programOf(gl);
  const drawn = all.map((piece) => uploaded(gl, program, piece));
  // What lets light through comes last.
  drawn.sort((a, b) => b.colour[3] - a.colour[3]);
  const place = Object.fromEntries(["view", "projection", "colour", "shine"].map((name) => [name, gl.getUniformLocation(program, name)]));
  const at = { around: -0.6, above: 0.55, near: 1, moves: !matchMedia("(prefers-reduced-motion: reduce)").matches };
  gl.useProgram(program);
  gl.enable(gl.DEPTH_TEST);
  gl.enable(gl.BLEND);
  gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA);

  let asked = 0;
  const draw = () => (asked ||= requestAnimationFrame(paint));
  let before = 0;
  let visible = true;
  const paint = (now) => {
    asked = 0;
    const scale = Math.min(devicePixelRatio, 2);
    canvas.width = canvas.clientWidth * scale;
    canvas.height = canvas.clientHeight * scale;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    const { view, projection } = camera(box, at, canvas.width / canvas.height || 1);
    gl.uniformMatrix4fv(place.view, false, view);
    gl.uniformMatrix4fv(place.projection, false, projection);
    for (const { array, count, colour, shine } of drawn) {
      gl.uniform4fv(place.colour, colour);
      gl.uniform1f(place.shine, shine);
      gl.bindVertexArray(array);
      gl.drawElements(gl.TRIANGLES, count, gl.UNSIGNED_INT, 0);
    }
    // It turns once, slowly, until somebody takes hold of it.
    if (at.moves && visible) {
      at.around += Math.min(now - before, 50) / 2600;
      if (at.around > -0.6 + 2 * Math.PI) at.moves = false;
      draw();
    }
    before = now;
    canvas.dataset.around = at.around.toFixed(3);
  };
  controls(canvas, at, draw);
  new ResizeObserver(draw).observe(canvas);
  new IntersectionObserver(([entry]) => {
    visible = entry.isIntersecting;
    if (visible) draw();
  }).observe(canvas);
}
