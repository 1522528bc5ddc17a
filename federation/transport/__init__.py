"""Links over gRPC. gRPC's own chatter on stderr is off unless the environment asks for it: what happened is told by the
node's status and log, in plain words."""

import os

os.environ.setdefault("GRPC_VERBOSITY", "NONE")
