internal import Glibc

exit(Program.main())
