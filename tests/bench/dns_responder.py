"""Answers every DNS query with itself and the response bit: the least that a server can do. Arguments: address, port."""
import socket
import sys


def main():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    sock.bind((sys.argv[1], int(sys.argv[2])))
    buffer = bytearray(4096)
    print("READY", flush=True)
    while True:
        length, to = sock.recvfrom_into(buffer)
        buffer[2] |= 0x80
        sock.sendto(memoryview(buffer)[:length], to)


if __name__ == "__main__":
    main()
