/** Points on a canvas: WebGL where there is any, else two dimensions. */

const VERTEX = `
attribute vec2 place; attribute vec4 colour; attribute float look;
uniform vec2 scale, shift; uniform float size;
varying vec4 tint; varying float kind, across;
void main() {
  gl_Position = vec4(place * scale + shift, 0.0, 1.0);
  gl_PointSize = size * (mod(look, 2.0) > 0.5 ? 1.25 : 1.0);
  tint = colour; kind = look; across = gl_PointSize;
}`;
// A disc, or a ring for an uncertain tweet, with soft edges.
const FRAGMENT = `
precision mediump float;
varying vec4 tint; varying float kind, across;
void main() {
  float r = 2.0 * length(gl_PointCoord - 0.5);
  float soft = 2.5 / across;
  float a = 1.0 - smoothstep(1.0 - soft, 1.0, r);
  if (mod(kind, 2.0) > 0.5) a *= smoothstep(0.5 - soft, 0.5, r);
  gl_FragColor = vec4(tint.rgb, 1.0) * tint.a * a;
}`;

/** Tweets on a canvas. Data coordinates run from -1 to 1, y up. */
export class Points {
  /** @param {HTMLCanvasElement} canvas @param {Float32Array} x @param {Float32Array} y */
  constructor(canvas, x, y) {
    this.canvas = canvas;
    this.x = x;
    this.y = y;
    this.colours = new Uint8Array(4 * x.length);
    this.looks = new Float32Array(x.length);
    this.gl = canvas.getContext("webgl", { antialias: false });
    if (this.gl) this.#start(this.gl);
    else this.flat = canvas.getContext("2d");
  }

  /** @param {WebGLRenderingContext} gl */
  #start(gl) {
    const program = /** @type {WebGLProgram} */ (gl.createProgram());
    for (const [kind, source] of /** @type {[number, string][]} */ ([
      [gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT],
    ])) {
      const shader = /** @type {WebGLShader} */ (gl.createShader(kind));
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    gl.useProgram(program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    const places = new Float32Array(2 * this.x.length);
    this.x.forEach((v, i) => { places[2 * i] = v; places[2 * i + 1] = this.y[i]; });
    this.buffers = {};
    for (const [name, width, kind, data] of /** @type {[string, number, number, any][]} */ ([
      ["place", 2, gl.FLOAT, places],
      ["colour", 4, gl.UNSIGNED_BYTE, this.colours],
      ["look", 1, gl.FLOAT, this.looks],
    ])) {
      const buffer = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
      const at = gl.getAttribLocation(program, name);
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, width, kind, kind === gl.UNSIGNED_BYTE, 0, 0);
      /** @type {any} */ (this.buffers)[name] = buffer;
    }
    this.at = (/** @type {string} */ name) => gl.getUniformLocation(program, name);
  }

  /** Take over `colours` (red, green, blue, opacity) and `looks` (1 is uncertain). */
  restyle() {
    if (!this.gl) return;
    const { gl } = this, buffers = /** @type {any} */ (this.buffers);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers.colour);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.colours);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers.look);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.looks);
  }

  /**
   * Draw; a point of the data lies at `kx * x + dx` pixels across and `dy - k * y` down.
   * @param {{k: number, kx: number, dx: number, dy: number, width: number, height: number, ratio: number, radius: number}} view
   */
  draw({ k, kx, dx, dy, width, height, ratio, radius }) {
    const { canvas, gl } = this;
    const [w, d] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== w || canvas.height !== d) [canvas.width, canvas.height] = [w, d];
    if (gl) {
      const at = /** @type {any} */ (this.at);
      gl.viewport(0, 0, w, d);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(at("scale"), (2 * kx) / width, (2 * k) / height);
      gl.uniform2f(at("shift"), (2 * dx) / width - 1, 1 - (2 * dy) / height);
      gl.uniform1f(at("size"), 2 * radius * ratio);
      gl.drawArrays(gl.POINTS, 0, this.x.length);
      return;
    }
    const flat = /** @type {CanvasRenderingContext2D} */ (this.flat);
    flat.setTransform(ratio, 0, 0, ratio, 0, 0);
    flat.clearRect(0, 0, width, height);
    const { x, y, colours, looks } = this;
    const isSmall = x.length > 8000;
    let last = -1;
    for (let i = 0; i < x.length; i++) {
      if (!colours[4 * i + 3]) continue;
      const px = kx * x[i] + dx, py = dy - k * y[i];
      if (px < -9 || py < -9 || px > width + 9 || py > height + 9) continue;
      const key = (colours[4 * i] << 24) | (colours[4 * i + 1] << 16) | (colours[4 * i + 2] << 8) | colours[4 * i + 3];
      if (key !== last) {
        last = key;
        const style = `rgba(${colours[4 * i]},${colours[4 * i + 1]},${colours[4 * i + 2]},${colours[4 * i + 3] / 255})`;
        flat.fillStyle = style;
        flat.strokeStyle = style;
      }
      if (isSmall) {
        flat.fillRect(px - radius, py - radius, 2 * radius, 2 * radius);
      } else {
        flat.beginPath();
        flat.arc(px, py, looks[i] ? radius * 0.9 : radius, 0, 7);
        if (looks[i]) flat.stroke();
        else flat.fill();
      }
    }
  }
}
