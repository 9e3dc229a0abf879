"""A file on its way to object storage: part by part, the next one filled while the last one travels."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from musicconnect.platform.storage.bucket import Bucket, Part


class MultipartUpload:
    """The parts of one object. Use it as a context, which waits for its thread."""

    def __init__(
        self, bucket: Bucket, key: str, mime_type: str, upload_id: str | None, parts: list[Part]
    ) -> None:
        self._bucket = bucket
        self._key = key
        self._mime_type = mime_type
        self.upload_id = upload_id
        """None: nothing has been sent yet."""
        self.parts = parts
        """Those that have arrived."""
        self._thread = ThreadPoolExecutor(1)
        self._under_way: tuple[Future[Part], Callable[[], None]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)

    def send(self, data: bytes, arrived: Callable[[], None]) -> None:
        """Send a part off, once the one before has arrived; ``arrived`` is called when this one has."""
        if self.upload_id is None:
            self.upload_id = self._bucket.begin_upload(self._key, self._mime_type)
        self.settle()
        number = len(self.parts) + 1
        future = self._thread.submit(self._bucket.put_part, self._key, self.upload_id, number, data)
        self._under_way = future, arrived

    def settle(self) -> None:
        """Wait until everything has arrived."""
        if self._under_way is None:
            return
        (future, arrived), self._under_way = self._under_way, None
        self.parts.append(future.result())
        arrived()

    def complete(self) -> None:
        """Make an object of the parts."""
        assert self.upload_id is not None  # nothing is completed that was not begun
        self._bucket.complete_upload(self._key, self.upload_id, self.parts)

    @property
    def size(self) -> int:
        """Bytes that have arrived."""
        return sum(part.size for part in self.parts)
