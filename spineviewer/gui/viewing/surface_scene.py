"""The surface of the mask, rendered off-screen with OpenGL.

Choice: the window contains no OpenGL widget. With one, Qt would compose the whole window with
OpenGL, and all other views would be slow if OpenGL runs in software.
"""

from __future__ import annotations

import numpy as np
import pyqtgraph.opengl as gl
from numpy.typing import NDArray
from pyqtgraph.opengl.shaders import FragmentShader, ShaderProgram, VertexShader
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QImage, QMatrix4x4, QResizeEvent, QVector3D, QVector4D
from PySide6.QtWidgets import QApplication

from spineviewer.app.mask_shapes import SpineSurface
from spineviewer.app.view_state import Camera
from spineviewer.gui.kit.theme import DARK
from spineviewer.gui.viewing.surface_camera import FIELD_OF_VIEW_DEG

Point = NDArray[np.float64]

_VERTEX = """
    uniform mat4 u_mvp;
    uniform mat3 u_normal;
    attribute vec4 a_position;
    attribute vec3 a_normal;
    attribute vec4 a_color;
    varying vec4 v_color;
    varying vec3 v_normal;
    void main() {
        v_normal = normalize(u_normal * a_normal);
        v_color = a_color;
        gl_Position = u_mvp * a_position;
    }
"""
#: Light from above the user's left shoulder, and a little ambient light.
_FRAGMENT = """
    #ifdef GL_ES
    precision mediump float;
    #endif
    varying vec4 v_color;
    varying vec3 v_normal;
    void main() {
        float p = max(dot(normalize(v_normal), normalize(vec3(-0.35, 0.45, 1.0))), 0.0);
        gl_FragColor = vec4(v_color.rgb * (0.18 + 0.82 * p), v_color.a);
    }
"""


class _Mesh(gl.MeshData):
    """A mesh with precomputed normals."""

    def __init__(self, surface: SpineSurface, colours: NDArray[np.float32]) -> None:
        super().__init__(
            vertexes=surface.points_xyz_mm, faces=surface.triangles, vertexColors=colours
        )
        self._normals = surface.normals_xyz

    def vertexNormals(self, indexed: str | None = None) -> NDArray[np.float32]:
        return self._normals if indexed is None else super().vertexNormals(indexed)


class SurfaceScene:
    """Renders the surface as a camera sees it.

    Thread ownership: GUI thread.
    """

    def __init__(self) -> None:
        self._widget = gl.GLViewWidget()
        self._widget.setBackgroundColor(DARK.canvas)
        self._widget.opts["fov"] = FIELD_OF_VIEW_DEG
        self._shader = ShaderProgram(None, [VertexShader(_VERTEX), FragmentShader(_FRAGMENT)])
        self._mesh: gl.GLMeshItem | None = None

    # surface

    def show_surface(self, surface: SpineSurface, colours: NDArray[np.float32]) -> None:
        """Set the surface; `colours` (red, green, blue, 1) is float32, shape (points, 4)."""
        mesh = _Mesh(surface, colours)
        if self._mesh is None:
            self._mesh = gl.GLMeshItem(
                meshdata=mesh, smooth=True, shader=self._shader, glOptions="opaque"
            )
            self._widget.addItem(self._mesh)
        else:
            self._mesh.setMeshData(meshdata=mesh)

    # camera

    def set_camera(self, camera: Camera) -> None:
        self._widget.opts["center"] = QVector3D(*camera.centre_xyz_mm)
        self._widget.setCameraPosition(
            distance=camera.distance_mm, elevation=camera.elevation_deg, azimuth=camera.azimuth_deg
        )

    def right_up(self) -> tuple[Point, Point]:
        """Return the directions (x, y, z) that point right and up in the picture."""
        view = self._widget.viewMatrix()
        right, up = view.row(0), view.row(1)
        return np.array([right.x(), right.y(), right.z()]), np.array([up.x(), up.y(), up.z()])

    def ray_at(self, position: QPointF) -> tuple[Point, Point]:
        """Return the start and direction of the line of sight through a position in the picture.

        `position` is (right, down), from 0 to 1.
        """
        inverse, _ = self._matrix().inverted()
        near, far = (
            inverse.map(
                QVector4D(2 * position.x() - 1, 1 - 2 * position.y(), depth, 1)
            ).toVector3DAffine()
            for depth in (-1.0, 1.0)
        )
        start, end = (np.array([point.x(), point.y(), point.z()], float) for point in (near, far))
        return start, (end - start) / np.linalg.norm(end - start)

    def picture_position(self, point_xyz_mm: Point) -> QPointF:
        """Return the position of a point in the picture (right, down), from 0 to 1.

        The inverse of `ray_at`.
        """
        clip = self._matrix().map(QVector3D(*map(float, point_xyz_mm)))
        return QPointF((clip.x() + 1) / 2, (1 - clip.y()) / 2)

    def _matrix(self) -> QMatrix4x4:
        region = self._widget.getViewport()
        matrix: QMatrix4x4 = (
            self._widget.projectionMatrix(region, region) * self._widget.viewMatrix()
        )
        return matrix

    # picture

    def picture(self, size_px: QSize) -> QImage:
        """Return the picture that the camera sees."""
        ratio = self._widget.devicePixelRatioF()
        size = QSize(
            max(1, round(size_px.width() / ratio)), max(1, round(size_px.height() / ratio))
        )
        if self._widget.size() != size:
            old_size = self._widget.size()
            self._widget.resize(size)
            # Qt sends no resize event to a widget that is never shown
            QApplication.sendEvent(self._widget, QResizeEvent(size, old_size))
        image: QImage = self._widget.grabFramebuffer()
        image.setDevicePixelRatio(1.0)
        return image

    def close(self) -> None:
        """Release the graphics memory."""
        self._widget.close()
        self._widget.deleteLater()
