print("posthouse")
